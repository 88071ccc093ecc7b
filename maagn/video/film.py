"""A film of any length: how long it is, and all its frames in passing, small."""

from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Float64, UInt8

from maagn.video.decoder.every_frame import SMALL
from maagn.video.decoder.protocol import Request
from maagn.video.every_frame import SeenFrame, at_height, stream_frames, stream_pictures
from maagn.video.formats import is_animated_webp
from maagn.video.read import answer_of, read_clip
from maagn.video.short_side import with_short_side
from maagn.video.validate import FILM, Limits, validate_file
from maagn.video.worker import borrowed


@dataclass(frozen=True)
class FilmLength:
    """How long a film is, as its packets say.

    Attributes:
        seconds: from the first frame to the end of the last, which is shown as long as is usual.
        frames: that the file promises to show.
        width: of the pictures as they are stored, pixels.
        height: likewise.
        times: seconds of each frame from the first one's; increasing.
    """

    seconds: float
    frames: int
    width: int
    height: int
    times: Float64[np.ndarray, " n"] = field(repr=False, compare=False)


def film_length(path: Path, *, limits: Limits = FILM, name: str | None = None) -> FilmLength:
    """How long a film is; nothing is decoded, unless it is an animated WebP.

    Raises:
        ClipError: as `maagn.video.read.read_clip`, as far as packets tell.
    """
    name = name or path.name
    head = validate_file(path, limits=limits, name=name)
    request = Request(
        "pillow" if is_animated_webp(head) else "pyav",
        str(path.absolute()),
        name,
        samplings=None,
        limits=limits,
        length_only=True,
    )
    with borrowed(request) as worker:
        answer = answer_of(worker, request)
    height, width = answer.frames.shape[1:3]
    return FilmLength(answer.film_seconds, answer.film_frames, width, height, answer.seconds)


def film_frames(
    path: Path,
    *,
    height: int,
    per_second: float | None = None,
    limits: Limits = FILM,
    name: str | None = None,
) -> Iterator[tuple[float, UInt8[np.ndarray, "height w 3"]]]:
    """Decode a film once, from beginning to end, in a process of its own that keeps few frames.

    On Linux the process ends with the thread that takes the first frame: take all in one.

    Args:
        path: any file that `maagn.video.read.read_clip` reads.
        height: of the frames once they are upright, pixels; the width follows.
        per_second: give about so many frames of each second; None gives all.
        limits: what the film may cost.
        name: what errors call it; the file's own by default.

    Yields:
        Seconds from the first frame, as of `maagn.video.every_frame.stream_frames`, and the frame,
        RGB in [0, 255]. Closing the iterator ends the process.

    Raises:
        ClipError: as `maagn.video.read.read_clip`.
    """
    name = name or path.name
    if is_animated_webp(validate_file(path, limits=limits, name=name)):
        whole = read_clip(path, limits=limits, name=name)  # a few seconds, in all that are about
        for seconds, frame in zip(whole.seconds.tolist(), whole.frames, strict=True):
            yield seconds, at_height(frame, height)
        return
    yield from stream_frames(path, height=height, per_second=per_second, limits=limits, name=name)


def film_pictures(
    path: Path,
    *,
    sides: Sequence[int],
    wanted: Collection[int] | None = None,
    limits: Limits = FILM,
    name: str | None = None,
) -> Generator[SeenFrame, None, None]:
    """As `film_frames`, some of the frames as networks see them: their short side at several sizes.

    Args:
        path: any file that `maagn.video.read.read_clip` reads.
        sides: short sides, pixels.
        wanted: numbers of the frames that networks see, from 0; None for all.
        limits: what the film may cost.
        name: what errors call it; the file's own by default.

    Yields:
        Seconds from the first frame; the frame as a small square, of which nothing is promised but
        that it looks alike; and a picture a side where it is wanted, else None: the very pixels
        that `maagn.video.transform.to_tensor` takes of a clip, before the crop.

    Raises:
        ClipError: as `maagn.video.read.read_clip`.
    """
    name = name or path.name
    if is_animated_webp(validate_file(path, limits=limits, name=name)):
        whole = read_clip(path, limits=limits, name=name)
        for number, (second, frame) in enumerate(zip(whole.seconds, whole.frames, strict=True)):
            seen = None
            if wanted is None or number in wanted:
                seen = tuple(with_short_side(frame[None], side)[0] for side in sides)
            yield float(second), cv2.resize(frame, (SMALL, SMALL)), seen
        return
    yield from stream_pictures(path, sides=sides, wanted=wanted, limits=limits, name=name)
