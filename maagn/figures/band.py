"""A band: one row of a figure, as wide as the figure, on which words and shapes are put."""

from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

INK = "#1A1A1A"
QUIET = "#5F5F5F"
GROUND = "#FFFFFF"

Point = tuple[float | int, float | int]
"""Pixels from the left and from the top."""


class Band:
    """A white strip with a pen.

    Args:
        width: pixels.
        height: pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self.image = Image.new("RGB", (width, height), GROUND)
        self.pen = ImageDraw.Draw(self.image)

    def write(
        self,
        words: str,
        *,
        at: Point,
        size: int = 16,
        colour: str = INK,
        bold: bool = False,
        anchor: str = "ls",
        room: float | int | None = None,
    ) -> None:
        """Put one line of words, cut to `room` pixels; `anchor` as Pillow's (`ls`: left)."""
        # A file's name may hold line breaks, and bytes that are no letters.
        line = " ".join(words.encode("utf-8", "replace").decode("utf-8").split())
        if room is not None:
            line = fit(line, room=room, size=size, bold=bold)
        self.pen.text(at, line, font=_font(size, bold=bold), fill=colour, anchor=anchor)

    def paste(self, picture: UInt8[np.ndarray, "h w 3"], *, at: tuple[int, int]) -> None:
        """Put a picture with its upper left corner there."""
        self.image.paste(Image.fromarray(picture), at)

    @property
    def pixels(self) -> UInt8[np.ndarray, "h w 3"]:
        """What has been drawn."""
        return np.asarray(self.image)


def fit(words: str, *, room: float | int, size: int, bold: bool = False) -> str:
    """The words, or as many letters of them as fit in `room` pixels with an ellipsis."""
    font = _font(size, bold=bold)
    if font.getlength(words) <= room:
        return words
    while words and font.getlength(words + "…") > room:
        words = words[:-1]
    return words.rstrip() + "…"


@cache
def _font(size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, which comes with matplotlib; pixels high."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    font = files("matplotlib").joinpath("mpl-data", "fonts", "ttf", name)
    return ImageFont.truetype(BytesIO(font.read_bytes()), size)
