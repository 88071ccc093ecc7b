"""A film of any length: how long it is, and all its frames in passing, small."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from maagn.video.decoder.protocol import Request
from maagn.video.every_frame import at_height, stream_frames, stream_pictures
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
    """

    seconds: float
    frames: int
    width: int
    height: int


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
    return FilmLength(answer.film_seconds, answer.film_frames, width, height)


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
    path: Path, *, sides: Sequence[int], limits: Limits = FILM, name: str | None = None
) -> Generator[tuple[float, tuple[UInt8[np.ndarray, "_h _w 3"], ...]], None, None]:
    """As `film_frames`, each frame as networks see it: its short side at several sizes.

    Args:
        path: any file that `maagn.video.read.read_clip` reads.
        sides: short sides, pixels.
        limits: what the film may cost.
        name: what errors call it; the file's own by default.

    Yields:
        Seconds from the first frame, and a picture a side: the very pixels that
        `maagn.video.transform.to_tensor` takes of a clip, before the crop.

    Raises:
        ClipError: as `maagn.video.read.read_clip`.
    """
    name = name or path.name
    if is_animated_webp(validate_file(path, limits=limits, name=name)):
        whole = read_clip(path, limits=limits, name=name)
        for seconds, frame in zip(whole.seconds.tolist(), whole.frames, strict=True):
            yield seconds, tuple(with_short_side(frame[None], side)[0] for side in sides)
        return
    yield from stream_pictures(path, sides=sides, limits=limits, name=name)
