"""Numbers a frame, as bars that stand under the frames that they belong to."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from maagn.explain.report import Report
from maagn.figures.band import INK, QUIET, Band
from maagn.figures.heat import nearest
from maagn.figures.palette import colour

BAR_HEIGHT = 60
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
    """

    name: str
    colour: str
    top: float
    by_frame: dict[int, float]


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
    network = colour(report.model.spec.arch.upper())
    bars = Bars(
        f"0 to {top:.3g}", network, top, _by_frame(report.cam.seconds, evidence, frames=frames)
    )
    rows = [BarRow("Mean evidence", (bars,))]
    for path in sorted({mask.name.split(".")[1] for mask in report.masks}):
        found = {mask.name: mask for mask in report.masks}
        parts = [
            Bars(
                f"{module} {bounds[0]:g} to {bounds[1]:g}",
                colour(module),
                bounds[1],
                _by_frame(mask.seconds, mask.values, frames=frames),
            )
            for module, tap in (("SDM", "sdm.mask"), ("MTAM", "mtam.sum"))
            if (mask := found.get(f"paths.{path}.{tap}")) and (bounds := mask.bounds)
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
        for place, bars in enumerate(row.bars):
            if frame in bars.by_frame:
                middle = x + (place + 0.5) * share
                _draw_bar(band, bars, bars.by_frame[frame], middle=middle, floor=floor)
    return band


def _draw_bar(band: Band, bars: Bars, value: float, *, middle: float, floor: int) -> None:
    height = BAR_HEIGHT * min(value / bars.top, 1)
    left, right = middle - 32, middle + 32
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
