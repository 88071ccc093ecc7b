"""The reader by choice: decord, which is wrong about some files without an error."""

import decord
import numpy as np
import numpy.typing as npt

from maagn.errors import ClipTooLarge, UnreadableClip
from maagn.video.decoder.protocol import Header, Request, refuse_too_few, refuse_too_much
from maagn.video.decoder.section_frames import frames_asked_for

BATCH = 8  # frames asked for at a time, so that decord holds few of its own


def read(request: Request) -> tuple[Header, list[npt.NDArray[np.uint8]]]:
    """What decord makes of the file, by its own idea of count, times and orientation.

    Raises:
        ClipTooLarge: over the limits on frames, seconds, pixels or bytes that are kept.
        UnreadableClip: its times run backwards.
        TooFewFrames: fewer frames than a sampling needs.
    """
    decord.logging.set_level(decord.logging.QUIET)
    # One thread, as with PyAV: who reads many files reads several at a time.
    reader = decord.VideoReader(request.path, ctx=decord.cpu(0), num_threads=1)
    count = len(reader)
    if count > request.film_limits.frames:
        raise ClipTooLarge(f"{request.name} has {count} frames for decord.")
    if not count:
        refuse_too_few(request, count)
    times = np.asarray(reader.get_frame_timestamp(range(count)), dtype=np.float64)[:, 0]
    if np.any(np.diff(times) <= 0):
        raise UnreadableClip(f"decord gives {request.name} frame times that run backwards.")
    asked = frames_asked_for(request, (times - times[0]).tolist(), gap=None)
    wanted = asked.places
    frames: list[npt.NDArray[np.uint8]] = []
    for start in range(0, len(wanted), BATCH):
        frames.extend(reader.get_batch(wanted[start : start + BATCH]).asnumpy())
        height, width = frames[0].shape[:2]
        refuse_too_much(request, (width, height), frames=len(wanted))
    return asked.header(frames[0].shape), frames
