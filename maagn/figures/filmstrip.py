"""One picture that tells what a model predicted about a clip, and on what evidence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from io import BytesIO

import cv2
import numpy as np
from jaxtyping import Float32, Float64, UInt8
from PIL import Image, ImageDraw, ImageFont

from maagn.explain.attention import MTAM, SDM
from maagn.explain.cam import METHODS
from maagn.explain.moments import nearest
from maagn.explain.report import Report
from maagn.figures.channels import by_peak
from maagn.figures.heat import colours, enlarge, on_grey, overlay, top_of_scale
from maagn.figures.layout import percent
from maagn.figures.palette import colour
from maagn.types import Explanation

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
        """The picture drawn so far, RGB."""
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


BAR_HEIGHT = 60
CHANNELS_HEIGHT = 128
_HALF = 32  # of a bar's width
_ABOVE = 22  # room for the number over a full bar
_LINE = "#BFBFBF"


@dataclass(frozen=True, eq=False)
class Bars:
    """One number for some of the frames.

    Attributes:
        name: what people read.
        colour: as `#RRGGBB`.
        top: value of a bar of full height.
        by_frame: the number of each sampled frame; frames without one are absent.
        channels: where the number is a mean over channels, theirs, in the order of
            `maagn.figures.channels.by_peak`; empty where it is not.
    """

    name: str
    colour: str
    top: float
    by_frame: dict[int, float]
    channels: dict[int, Float32[np.ndarray, " c"]] = field(default_factory=dict)


@dataclass(frozen=True)
class BarRow:
    """Bars that share a row, and the words before it."""

    title: str
    bars: tuple[Bars, ...]


def bar_rows(report: Report) -> list[BarRow]:
    """The map's evidence a frame, then SDM's mask and MTAM's sum of every path."""
    frames = report.inputs.seconds
    evidence = report.evidence
    top = float(evidence.max()) or 1.0
    network = colour(report.model.architecture.title)
    bars = Bars(
        f"0 to {top:.3g}", network, top, _by_frame(report.cam.seconds, evidence, frames=frames)
    )
    rows = [BarRow("Mean evidence", (bars,))]
    for path in sorted({mask.name.split(".")[1] for mask in report.masks}):
        found = {mask.name: mask for mask in report.masks}
        parts = [
            Bars(
                f"{quantity.module} {bounds[0]:g} to {bounds[1]:g}",
                colour(quantity.module),
                bounds[1],
                _by_frame(mask.seconds, mask.per_frame, frames=frames),
                _channels(mask, frames=frames),
            )
            for quantity in (SDM, MTAM)
            if (mask := found.get(quantity.on(int(path)))) and (bounds := mask.bounds)
        ]
        level = report.model.spec.levels[int(path)]
        rows.append(BarRow(f"Path {int(path) + 1}, res{level}", tuple(parts)))
    return rows


def draw_bars(
    row: BarRow, columns: Sequence[tuple[int, int]], *, width: int, cell: int, gutter: int
) -> Band:
    """Draw a row's bars.

    Args:
        row: what to draw.
        columns: which sampled frame stands at which x.
        width: of the band, pixels.
        cell: width of a frame.
        gutter: where the words before the row begin.
    """
    band = Band(width, _ABOVE + BAR_HEIGHT + 10)
    floor = _ABOVE + BAR_HEIGHT
    band.write(row.title, at=(gutter, _ABOVE + 12), size=15)
    for line, bars in enumerate(row.bars):
        y = _ABOVE + 34 + 20 * line
        band.pen.rectangle((gutter, y - 10, gutter + 9, y - 1), fill=bars.colour)
        band.write(bars.name, at=(gutter + 16, y), size=14, colour=QUIET)
    for frame, x in columns:
        band.pen.line((x, floor, x + cell, floor), fill=_LINE)
        share = cell / len(row.bars)
        for index, bars in enumerate(row.bars):
            if frame in bars.by_frame:
                middle = x + (index + 0.5) * share
                _draw_bar(band, bars, bars.by_frame[frame], middle=middle, floor=floor)
    return band


def draw_channels(
    row: BarRow, columns: Sequence[tuple[int, int]], *, width: int, cell: int, gutter: int
) -> Band:
    """Draw the channels under a row's bars, from the top, each as the colour of its number.

    Args:
        row: with bars that are means over channels.
        columns: which sampled frame stands at which x.
        width: of the band, pixels.
        cell: width of a frame.
        gutter: where the words before the row begin.
    """
    band = Band(width, CHANNELS_HEIGHT + 14)
    words = ("Their channels", "sorted by their peak;", "blue 0, yellow full")
    for line, text in enumerate(words):
        band.write(text, at=(gutter, 14 + 20 * line), size=14, colour=QUIET if line else INK)
    for frame, x in columns:
        share = cell / len(row.bars)
        for index, bars in enumerate(row.bars):
            if frame in bars.channels:
                heat = colours(np.clip(bars.channels[frame] / bars.top, 0, 1))[:, None]
                size = (2 * _HALF, CHANNELS_HEIGHT)
                drawn = cv2.resize(heat, size, interpolation=cv2.INTER_NEAREST)
                band.paste(drawn, at=(round(x + (index + 0.5) * share) - _HALF, 0))
    return band


def _draw_bar(band: Band, bars: Bars, value: float, *, middle: float, floor: int) -> None:
    height = BAR_HEIGHT * min(value / bars.top, 1)
    left, right = middle - _HALF, middle + _HALF
    band.pen.rectangle((left, floor - BAR_HEIGHT, right, floor), outline="#ECECEC")
    if height >= 1:
        band.pen.rectangle((left, floor - height, right, floor), fill=bars.colour)
    band.write(
        f"{value:.{_decimals(bars.top)}f}",
        at=(middle, floor - height - 4),
        size=14,
        colour=INK,
        anchor="ms",
    )


def _decimals(top: float) -> int:
    """Two or three digits at the top of the scale; what is little beside it reads as 0.00."""
    return max(0, 1 - math.floor(math.log10(top)) + (top >= 1))


def _by_frame(
    seconds: Float64[np.ndarray, " n"], values: np.ndarray, *, frames: Float64[np.ndarray, " t"]
) -> dict[int, float]:
    places = nearest(frames, to=seconds)
    return {int(place): float(value) for place, value in zip(places, values, strict=True)}


def _channels(
    mask: Explanation, *, frames: Float64[np.ndarray, " t"]
) -> dict[int, Float32[np.ndarray, " c"]]:
    """A mask's channels of each sampled frame that it has, sorted; none of masks of frames."""
    if "channel" not in mask.axes:
        return {}
    rows = mask.values[:, by_peak(mask.values)]
    return dict(zip(nearest(frames, to=mask.seconds).tolist(), rows, strict=True))


CELL = 224
"""Side of a frame, pixels."""

COLUMNS = 8
"""Frames a row; more go on below."""

_GAP = 8
_MARGIN = 28
_TITLE_SIZES = (30, 26, 22)  # the first in which it fits
_GUTTER = 168  # the words before a row
_WIDTH = 2 * _MARGIN + _GUTTER + COLUMNS * (CELL + _GAP) - _GAP


def filmstrip(report: Report) -> UInt8[np.ndarray, "h w 3"]:
    """Draw the answer, the sampled frames without and with the evidence, and the masks.

    The heat has one scale for the clip, told under it; what speaks against the class is not drawn.
    """
    scale = top_of_scale(report.cam.values)
    pictures = report.inputs.pictures
    hot = overlay(pictures, report.cam, seconds=report.inputs.seconds, scale=scale)
    bands = [_heading(report)]
    for start in range(0, len(pictures), COLUMNS):
        shown = range(start, min(start + COLUMNS, len(pictures)))
        bands += _block(report, enlarge(pictures), hot, shown)
    bands += [_colour_bar(report, scale), Band(_WIDTH, _MARGIN)]
    return np.concatenate([band.pixels for band in bands])


def answer(report: Report) -> str:
    """The title: what the model gives to the class, and to its own answer where that is another."""
    prediction = report.prediction
    given = percent(prediction.probabilities[report.target])
    words = f"{report.model.architecture.title} gives {given} to {report.label}"
    if report.target == prediction.best:
        return words
    (best, probability), *_ = prediction.top(1)
    return f"{words}, and most, {percent(probability)}, to {best}"


def _heading(report: Report) -> Band:
    band = Band(_WIDTH, 124)
    room = _WIDTH - 2 * _MARGIN - 24
    network = colour(report.model.architecture.title)
    band.pen.rectangle((_MARGIN, 28, _MARGIN + 9, 104), fill=network)
    x = _MARGIN + 24
    title = answer(report)
    whole = (s for s in _TITLE_SIZES if fit(title, room=room, size=s, bold=True) == title)
    size = next(whole, _TITLE_SIZES[-1])
    band.write(title, at=(x, 54), size=size, bold=True, room=room)
    name = report.model.name + ("" if report.trained else " (no training on record)")
    about = f"{subject(report)} · model {name} · clip {report.clip.title}"
    band.write(about, at=(x, 82), size=17, colour=QUIET, room=room)
    frames = ", ".join(str(position) for position in report.inputs.positions)
    total = len(report.clip.source_seconds)
    seen = f"It saw frames {frames} of the clip's {total}, counted from 0"
    band.write(seen + _opposite(report), at=(x, 106), size=17, colour=QUIET, room=room)
    return band


def subject(report: Report) -> str:
    """What the map is of: the class, the method and the layer."""
    method = METHODS[report.cam.about["method"]].title
    return f"Evidence for {_claim(report)}: {method} at {report.map_layer}"


def _claim(report: Report) -> str:
    rather = "" if report.against is None else f" rather than {report.model.labels[report.against]}"
    return f"{report.label}{rather}"


def _opposite(report: Report) -> str:
    if report.opposite is None or report.margin is None:
        return ""
    other = report.prediction.probabilities[report.model.labels.index(report.opposite)]
    proposed = "proposed " if report.opposite_is_proposed else ""
    return (
        f" · {proposed}opposite {report.opposite} {percent(other)}, log ratio {report.margin:+.2f}"
    )


def _block(
    report: Report,
    plain: UInt8[np.ndarray, "t h w 3"],
    hot: UInt8[np.ndarray, "t h w 3"],
    shown: range,
) -> list[Band]:
    """Up to `COLUMNS` frames: plain, with heat, and their numbers."""
    left = _MARGIN + _GUTTER
    columns = [(frame, left + i * (CELL + _GAP)) for i, frame in enumerate(shown)]
    times = Band(_WIDTH, 30)
    for frame, x in columns:
        position, second = report.inputs.positions[frame], report.inputs.seconds[frame]
        times.write(f"{second:.2f} s", at=(x, 21), size=16)
        times.write(f"frame {position}", at=(x + CELL, 21), size=16, colour=QUIET, anchor="rs")
    bars = [
        draw(row, columns, width=_WIDTH, cell=CELL, gutter=_MARGIN)
        for row in bar_rows(report)
        for draw in (draw_bars, draw_channels)
        if draw is draw_bars or any(one.channels for one in row.bars)
    ]
    evidence = _pictures("Evidence", hot, columns)
    for frame, x in columns:
        _name_the_map(evidence, report, frame, x=x)
    rows = [_pictures("What it saw", plain, columns), times, evidence]
    return [*rows, *bars, Band(_WIDTH, 16)]


def _name_the_map(band: Band, report: Report, frame: int, *, x: int) -> None:
    """Where a path skips a frame, say whose map is drawn on it."""
    seconds = report.inputs.seconds[frame : frame + 1]
    shown = report.cam.seconds[nearest(report.cam.seconds, to=seconds)[0]]
    if shown != seconds[0]:
        band.pen.rectangle((x, CELL - 24, x + 112, CELL), fill=GROUND)
        band.write(f"map of {shown:.2f} s", at=(x + 6, CELL - 7), size=14)


def _pictures(
    title: str, pictures: UInt8[np.ndarray, "t h w 3"], columns: list[tuple[int, int]]
) -> Band:
    band = Band(_WIDTH, CELL)
    band.write(title, at=(_MARGIN, 18), size=15)
    for frame, x in columns:
        band.paste(
            cv2.resize(pictures[frame], (CELL, CELL), interpolation=cv2.INTER_AREA), at=(x, 0)
        )
    return band


def _colour_bar(report: Report, scale: float) -> Band:
    band = Band(_WIDTH, 62)
    left, width, height = _MARGIN + _GUTTER, 2 * CELL, 20
    if scale == 0:
        words = f"Nothing at {report.map_layer} speaks for {_claim(report)}: no value is over 0."
        band.write(words, at=(left, 24), size=16)
        return band
    strength = np.linspace(0, 1, width, dtype=np.float32)
    grey = on_grey(strength)
    band.paste(np.broadcast_to(grey, (height, width, 3)).copy(), at=(left, 8))
    band.write("Heat", at=(_MARGIN, 24), size=15)
    for part, anchor in ((0.0, "ls"), (0.5, "ms"), (1.0, "rs")):
        at = (left + part * width, 8 + height + 18)
        band.write(f"{part * scale:.3g}", at=at, size=14, anchor=anchor)
    words = (
        f"{report.cam.unit}, in favour of {_claim(report)}, on mid grey; one scale for this clip "
        "and model, full at its largest value; what speaks against it is not drawn"
    )
    x = left + width + 16
    band.write(words, at=(x, 24), size=15, colour=QUIET, room=_WIDTH - _MARGIN - x)
    return band
