"""The first reader: decord, quick and sometimes wrong; `maagn.video.read` checks what it says."""

import io

import decord
import numpy as np
import numpy.typing as npt

from maagn.errors import ClipTooLarge
from maagn.video.decoder.protocol import Header, Request
from maagn.video.sampling import union

BATCH = 8  # frames asked for at a time, so that decord holds few of its own


def read(request: Request, content: bytes) -> tuple[Header, list[npt.NDArray[np.uint8]]]:
    """What decord makes of the file, by its own idea of count and times.

    Args:
        request: for the file.
        content: what to read instead of the file at its path; nothing for that.
    """
    decord.logging.set_level(decord.logging.QUIET)
    # One thread, because the other reader is at work on another core at the same time.
    source = io.BytesIO(content) if content else request.path
    reader = decord.VideoReader(source, ctx=decord.cpu(0), num_threads=1)
    count = len(reader)
    if count > request.limits.frames:
        raise ClipTooLarge(f"{request.name} has {count} frames for decord.")
    times = np.asarray(reader.get_frame_timestamp(range(count)), dtype=np.float64)[:, 0]
    wanted = list(request.wanted) if content else union(count, samplings=request.samplings)
    frames = [
        frame
        for start in range(0, len(wanted), BATCH)
        for frame in reader.get_batch(wanted[start : start + BATCH]).asnumpy()
    ]
    header = Header(
        shape=(len(frames), *frames[0].shape),
        indices=tuple(wanted),
        seconds=tuple((times - times[0]).tolist()),
    )
    return header, frames
