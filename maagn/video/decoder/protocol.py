"""What parent and worker say to each other: JSON and raw bytes, so nothing is ever unpickled.

What is too large is refused here, with the sentence that says what to do about it.
"""

import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Literal

import numpy as np
import numpy.typing as npt

from maagn.errors import ClipTooLarge, SectionError, TooFewFrames, UnreadableClip
from maagn.section import Section
from maagn.video.sampling import Sampling
from maagn.video.validate import FILM, Limits

LENGTH = struct.Struct(">Q")


@dataclass(frozen=True)
class Request:
    """What the worker is to read.

    Attributes:
        reader: the decoder to use.
        path: absolute path of the file.
        name: what the file is called in messages.
        samplings: which frames are wanted; None to keep all.
        limits: the bounds: of the file, or of the section.
        length_only: whether to say how long the file is, and decode nothing.
        section: the part of the file that is asked for, as if it were all; None for all.
    """

    reader: Literal["decord", "pyav", "pillow"]
    path: str
    name: str
    samplings: list[Sampling] | None
    limits: Limits
    length_only: bool = False
    section: Section | None = None

    @property
    def film_limits(self) -> Limits:
        """The bounds of the file, whatever is asked for of it."""
        return self.limits if self.section is None else FILM

    def to_line(self) -> bytes:
        """One line of JSON."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "Request":
        """The inverse of `to_line`."""
        fields = json.loads(line)
        section = fields["section"] and Section(**fields["section"])
        return cls(**{**fields, "limits": Limits(**fields["limits"]), "section": section})


@dataclass(frozen=True)
class Header:
    """What the worker read; the kept frames follow as raw RGB bytes.

    Attributes:
        shape: (t, h, w, 3) of the frames that follow.
        indices: place of each kept frame among all readable frames, or those of the section.
        seconds: time of every one of those, from the first one's.
        film_seconds: of the file, from the first frame to the end of the last.
        film_frames: how many it has.
        section: times in the file of the section's first frame and of what follows its last.
        notices: sentences about what was unusual.
        error: name of the class in `maagn.errors`, where nothing could be read.
        message: the error's sentence.
    """

    shape: tuple[int, ...] = (0, 0, 0, 3)
    indices: tuple[int, ...] = ()
    seconds: tuple[float, ...] = ()
    film_seconds: float = 0.0
    film_frames: int = 0
    section: tuple[float, float] | None = None
    notices: tuple[str, ...] = ()
    error: str = ""
    message: str = ""


def send(stream: BinaryIO, header: Header, frames: Iterable[npt.NDArray[np.uint8]] = ()) -> None:
    """Write a header and the frames that it announces."""
    encoded = json.dumps(asdict(header)).encode()
    stream.write(LENGTH.pack(len(encoded)) + encoded)
    for frame in frames:
        stream.write(np.ascontiguousarray(frame).data)
    stream.flush()


def receive(stream: BinaryIO, *, most_bytes: int) -> tuple[Header, npt.NDArray[np.uint8]]:
    """Read a header and its frames, uint8 (t, h, w, 3).

    Raises:
        EOFError: the other side ended before it had said everything.
        ValueError: it announces more bytes of frames than allowed.
    """
    (length,) = LENGTH.unpack(exactly(stream, LENGTH.size))
    said = json.loads(exactly(stream, length))
    fields: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in said.items()
    }
    header = Header(**fields)
    size = int(np.prod(header.shape, dtype=np.int64))
    if size > most_bytes:
        raise ValueError(f"{size} bytes of frames announced, at most {most_bytes} allowed")
    frames = np.empty(header.shape, dtype=np.uint8)
    if size:
        _fill(stream, frames.data.cast("B"))
    return header, frames


def exactly(stream: BinaryIO, length: int) -> bytes:
    """The next `length` bytes.

    Raises:
        EOFError: the other side ended before it had sent them.
    """
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data


def _fill(stream: BinaryIO, view: memoryview) -> None:
    filled = 0
    while filled < len(view):
        got = stream.readinto(view[filled:])  # type: ignore[attr-defined]  # pipes have it
        if not got:
            raise EOFError
        filled += got


def refuse_too_much(request: Request, size: tuple[int, int], *, frames: int) -> None:
    """Refuse pictures of that width and height, or so many of them.

    Raises:
        ClipTooLarge: over the limit on pixels or on bytes that are kept.
    """
    limits = request.limits
    width, height = size
    if width * height > limits.pixels:
        raise ClipTooLarge(
            f"{request.name} is {width} x {height} pixels: make its picture smaller."
        )
    if 3 * width * height * frames > limits.kept_bytes:
        raise ClipTooLarge(
            f"{request.name} has {frames} frames of {width} x {height} pixels, more than fit in "
            f"{limits.kept_bytes / 1e6:.0f} MB: trim it, make it smaller, or read fewer frames."
        )


def refuse_too_long(request: Request, seconds: float) -> None:
    """Refuse a file that lasts so long.

    Raises:
        ClipTooLarge: over the limit on seconds.
    """
    limit = request.film_limits.seconds
    if seconds > limit:
        raise ClipTooLarge(
            f"{request.name} lasts {seconds:.0f} s; the limit is {limit:.0f} s: trim it."
        )


def refuse_section(
    section: Section,
    seconds: Sequence[float],
    *,
    name: str,
    samplings: Iterable[Sampling] | None,
    limits: Limits,
) -> None:
    """Refuse a section with frames at those times.

    Raises:
        SectionError: there are none.
        TooFewFrames: fewer than a sampling needs.
        ClipTooLarge: over the limit on seconds or on frames.
    """
    what = f"The section of {name} from {section}"
    needed = max((frames for frames, *_ in samplings or ()), default=1)
    if not seconds:
        raise SectionError(f"{what} has no frame in it: choose another.")
    if len(seconds) < needed:
        raise TooFewFrames(
            f"{what} has {len(seconds)} frame{'s' * (len(seconds) != 1)}; "
            f"this network needs {needed}: make it longer."
        )
    if seconds[-1] - seconds[0] > limits.seconds:
        raise ClipTooLarge(
            f"{what} lasts {section.seconds:.0f} s; the limit is {limits.seconds:.0f} s: "
            "make it shorter."
        )
    if len(seconds) > limits.frames:
        raise ClipTooLarge(f"{what} has more than {limits.frames} frames: make it shorter.")


def refuse_too_few(request: Request, count: int, *, picture: bool = False) -> None:
    """Refuse a clip of so many frames.

    Args:
        request: for the file.
        count: of its frames.
        picture: whether it is of a kind that stills are of.

    Raises:
        UnreadableClip: it has none.
        TooFewFrames: fewer than a sampling needs.
    """
    if not count:
        raise UnreadableClip(
            f"No frame of {request.name} can be decoded: it is damaged or cut short."
        )
    needed = max((frames for frames, *_ in request.samplings or ()), default=1)
    if count < needed and count == 1 and picture:
        raise TooFewFrames(
            f"{request.name} is a still picture; this network needs {needed} frames: give a video."
        )
    if count < needed:
        raise TooFewFrames(
            f"{request.name} has {count} frame{'s' * (count != 1)}; "
            f"this network needs {needed}: use a longer clip."
        )
