"""One picture that tells what a model answered about a clip, and on what evidence."""

import cv2
import numpy as np
from jaxtyping import UInt8

from maagn.explain.cam import METHODS
from maagn.explain.report import Report
from maagn.figures.band import GROUND, QUIET, Band, fit
from maagn.figures.bars import bar_rows, draw_bars
from maagn.figures.heat import OPACITY, colours, enlarge, nearest, overlay, top_of_scale
from maagn.figures.palette import colour
from maagn.figures.words import percent

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
    words = f"{report.model.spec.arch.upper()} gives {given} to {report.label}"
    if report.target == prediction.best:
        return words
    (best, probability), *_ = prediction.top(1)
    return f"{words}, and most, {percent(probability)}, to {best}"


def _heading(report: Report) -> Band:
    band = Band(_WIDTH, 124)
    room = _WIDTH - 2 * _MARGIN - 24
    network = colour(report.model.spec.arch.upper())
    band.pen.rectangle((_MARGIN, 28, _MARGIN + 9, 104), fill=network)
    x = _MARGIN + 24
    title = answer(report)
    whole = (s for s in _TITLE_SIZES if fit(title, room=room, size=s, bold=True) == title)
    size = next(whole, _TITLE_SIZES[-1])
    band.write(title, at=(x, 54), size=size, bold=True, room=room)
    name = report.model.name + ("" if report.trained else " (no training on record)")
    about = f"{_subject(report)} · model {name} · clip {report.clip.name}"
    band.write(about, at=(x, 82), size=17, colour=QUIET, room=room)
    frames = ", ".join(str(place) for place in report.inputs.positions)
    total = len(report.clip.source_seconds)
    seen = f"It saw frames {frames} of the clip's {total}, counted from 0"
    band.write(seen + _opposite(report), at=(x, 106), size=17, colour=QUIET, room=room)
    return band


def _subject(report: Report) -> str:
    method = METHODS[report.cam.about["method"]]
    return f"Evidence for {_claim(report)}: {method} at {report.cam.name}"


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
        draw_bars(row, columns, width=_WIDTH, cell=CELL, gutter=_MARGIN) for row in bar_rows(report)
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
        words = f"Nothing at {report.cam.name} speaks for {_claim(report)}: no value is over 0."
        band.write(words, at=(left, 24), size=16)
        return band
    strength = np.linspace(0, 1, width, dtype=np.float32)
    share = OPACITY * strength[:, None]
    grey = np.rint((1 - share) * 128 + share * colours(strength)).astype(np.uint8)
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
