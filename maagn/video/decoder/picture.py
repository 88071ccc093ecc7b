"""A decoded frame as it is kept: RGB, and upright as the file's display matrix asks.

The matrix is FFmpeg's (`libavutil/display.h`): nine 32-bit numbers by rows, of which the first two
of the first two rows turn, mirror and scale. What is made of it is what the `ffmpeg` program makes
of it (`fftools/ffmpeg_filter.c`), apart from angles that are no quarter turns.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from av.sidedata.sidedata import SideData, Type
from av.video.frame import VideoFrame

# From here on FFmpeg does not take an angle for a quarter turn, and takes a pixel for oblong.
_DEGREES = 0.5
_STRETCH = 0.01

NO_ORIENTATION = (
    "The file asks for its picture to be turned or distorted in a way that is no quarter turn and "
    "no mirror image: the nearest of those is shown."
)


@dataclass(frozen=True)
class Orientation:
    """How stored pictures are made upright: one of eight ways.

    Attributes:
        mirrored: left and right are exchanged first.
        turns: quarter turns counterclockwise after that, 0 to 3.
        exact: whether the file asks for this and nothing else.
    """

    mirrored: bool = False
    turns: int = 0
    exact: bool = True

    @property
    def transposes(self) -> bool:
        """Whether width and height are exchanged."""
        return self.turns % 2 == 1

    def apply(self, picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """A stored picture (h, w, 3) upright; a view."""
        return np.rot90(picture[:, ::-1] if self.mirrored else picture, self.turns)


AS_STORED = Orientation()


def orientation_of(matrix: npt.NDArray[np.int32]) -> Orientation:
    """The orientation that a display matrix asks for, or the one that is nearest to what it asks.

    A matrix of zeros asks for nothing, as in FFmpeg. A uniform scale and a shift change no picture.

    Args:
        matrix: the nine numbers.
    """
    a, b, u, c, d, v = (float(number) for number in matrix[:6])
    if not any((a, b, c, d)):
        return AS_STORED
    determinant = a * d - b * c
    columns = math.hypot(a, c), math.hypot(b, d)
    # Of a picture squeezed to a line nothing could be seen.
    if abs(determinant) < 1e-3 * columns[0] * columns[1] or not all(columns):
        return replace(AS_STORED, exact=False)
    angle = math.degrees(math.atan2(b / columns[1], a / columns[0]))  # clockwise
    quarters = round(angle / 90)
    mirrored = determinant < 0
    other = math.degrees(math.atan2(-c / columns[0], d / columns[1])) + 180 * mirrored
    shear = abs((other - angle + 180) % 360 - 180)
    exact = (
        abs(angle - 90 * quarters) < _DEGREES
        and shear < _DEGREES
        and abs(columns[0] / columns[1] - 1) < _STRETCH
        and not u
        and not v
    )
    return Orientation(mirrored, (2 * mirrored - quarters) % 4, exact)


def orientation(frame: VideoFrame) -> Orientation:
    """What a frame's own display matrix asks for; where it has two, the container's counts.

    FFmpeg gives frames the matrix of their stream, and those of their own coded messages.
    """
    for data in cast(Iterable[SideData], frame.side_data):
        if data.type is Type.DISPLAYMATRIX:
            return orientation_of(np.frombuffer(bytes(data), dtype=np.int32))
    return AS_STORED


def upright(frame: VideoFrame, *, size: tuple[int, int], how: Orientation) -> npt.NDArray[np.uint8]:
    """One frame as RGB (h, w, 3), upright.

    Args:
        frame: as it was decoded.
        size: its width and height once it is upright.
        how: what makes it so.
    """
    width, height = size[::-1] if how.transposes else size
    # One thread: PyAV starts as many as there are processors, for every frame, and keeps them.
    rgb = frame.reformat(width=width, height=height, format="rgb24", threads=1)
    return how.apply(np.asarray(rgb.to_ndarray(), dtype=np.uint8))


def _unnamed(kinds: Any, value: object) -> Any:  # noqa: ANN401  # an enumeration's own protocol
    member = object.__new__(kinds)
    member._name_, member._value_ = f"KIND_{value}", value
    return member


# PyAV names the kinds of frame data that it knows and lists none of a frame's where there is one
# that it does not know, as FFmpeg 8's EXIF: it would hide the display matrix beside it.
Type._missing_ = classmethod(_unnamed)  # type: ignore[assignment]
