"""A film at a glance, made in one pass: pictures of it, where things move in it, and its cuts."""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from jaxtyping import Float32, Float64, UInt8

from maagn.section import ROUNDING, Section
from maagn.video.cuts import CutFinder

PROPOSED = 4.0
"""Seconds of a section that is proposed: as long as clips of Something-Something are on average
(Goyal et al. 2017), whose classes the networks know."""

_SHORTEST = 0.25  # seconds of a part that motion is told of

_APART = 0.08
"""Seconds between two frames that are compared: in less, noise changes more than what moves."""

_HIGH = 72  # pixels of the pictures that are compared
_DARK = 1e-3  # of [0, 1]: a picture in which there is nothing to be brightened
_BLUR = (
    2.0  # pixels, the sigma by which they are blurred: shifted by half a pixel, edges would stay
)


@dataclass(frozen=True, eq=False)
class Overview:
    """What one pass through a film has found.

    Attributes:
        film_seconds: how long it is.
        frames_per_second: on average.
        thumbnails: pictures from all over it, RGB in [0, 255].
        thumbnail_seconds: of each; increasing.
        motion: how much moves in equal parts of it, besides the camera (`local_change`); at least
            0.
        motion_seconds: the middle of each of these parts; increasing.
        cuts: times of the frames with which something else begins; increasing.
    """

    film_seconds: float
    frames_per_second: float
    thumbnails: UInt8[np.ndarray, "n h w 3"]
    thumbnail_seconds: Float64[np.ndarray, " n"]
    motion: Float64[np.ndarray, " m"]
    motion_seconds: Float64[np.ndarray, " m"]
    cuts: tuple[float, ...]


def overview(
    frames: Iterable[tuple[float, UInt8[np.ndarray, "h w 3"]]],
    *,
    film_seconds: float,
    thumbnails: int = 48,
    parts: int = 8000,
    progress: Callable[[float], None] = lambda _share: None,
) -> Overview:
    """Look at every frame of a film once; few of them are kept.

    Args:
        frames: all of the film, as of `maagn.video.film.film_frames`: seconds from the first, and
            the picture, RGB in [0, 255], all of one size and as high as thumbnails are to be.
        film_seconds: how long the film is.
        thumbnails: how many pictures are kept, at most.
        parts: of how many parts motion is told, at most; none is shorter than a quarter of a
            second.
        progress: told which share of the film has been seen, in [0, 1]; may raise, to stop.

    Raises:
        ClipError: whatever the frames raise.
    """
    finder = CutFinder()
    kept: list[tuple[float, UInt8[np.ndarray, "h w 3"]]] = []
    changes: list[tuple[float, float, float]] = []  # from when, to when, and how much
    before: tuple[float, Float32[np.ndarray, "_h _w"]] | None = None
    count = 0
    for second, picture in frames:
        count += 1
        finder.see(second, picture)
        if second > (len(kept) + 0.5) * film_seconds / thumbnails - ROUNDING:
            kept.append((second, picture))
        if before is None or second - before[0] > _APART - ROUNDING:
            gray = _gray(picture)
            if before is not None:
                changes.append((before[0], second, local_change(before[1], gray)))
            before = second, gray
        progress(min(1.0, second / film_seconds))
    if not kept and before is not None:
        kept.append((0.0, picture))
    cuts = finder.end()
    number = max(1, min(parts, math.ceil(film_seconds / _SHORTEST)))
    return Overview(
        film_seconds=film_seconds,
        frames_per_second=count / film_seconds,
        thumbnails=np.stack([picture for _, picture in kept]),
        thumbnail_seconds=np.array([second for second, _ in kept]),
        motion=_mean_of_parts(changes, cuts, film_seconds=film_seconds, parts=number),
        motion_seconds=(np.arange(number) + 0.5) * film_seconds / number,
        cuts=cuts,
    )


def local_change(before: Float32[np.ndarray, "h w"], after: Float32[np.ndarray, "h w"]) -> float:
    """How much moves from one picture to another besides the camera, and besides the light.

    The first picture is shifted as a whole onto the second (phase correlation) and made as bright;
    what changes everywhere, the median of the remaining differences, is taken off them.

    Args:
        before: in [0, 1].
        after: likewise.

    Returns:
        The mean over pixels; at least 0.
    """
    height, width = before.shape
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    # Copies: OpenCV multiplies what it is given by the window.
    (right, down), _ = cv2.phaseCorrelate(before.copy(), after.copy(), window)
    shifts = [(0.0, 0.0)]
    if abs(right) < width / 4 and abs(down) < height / 4:
        shifts.append((right, down))
    return min(_change(before, after, *shift) for shift in shifts)


def _change(
    before: Float32[np.ndarray, "h w"], after: Float32[np.ndarray, "h w"], right: float, down: float
) -> float:
    height, width = before.shape
    move = np.array([[1, 0, right], [0, 1, down]], np.float32)
    moved = cv2.warpAffine(before, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    x, y = math.ceil(abs(right)), math.ceil(abs(down))  # what has come into sight on one side
    seen = slice(y, height - y), slice(x, width - x)
    light = float(after[seen].mean()) / max(float(moved[seen].mean()), _DARK)
    change = np.abs(after - light * moved)[seen]
    return float(np.maximum(change - np.median(change), 0).mean())


def _gray(picture: UInt8[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "_h _w"]:
    width = max(2, round(picture.shape[1] * _HIGH / picture.shape[0]))
    small = cv2.resize(picture, (width, _HIGH), interpolation=cv2.INTER_AREA)
    gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    return cv2.GaussianBlur(gray, (0, 0), _BLUR)


def _mean_of_parts(
    changes: Sequence[tuple[float, float, float]],
    cuts: Sequence[float],
    *,
    film_seconds: float,
    parts: int,
) -> Float64[np.ndarray, " parts"]:
    """Changes averaged over the parts of a film that they end in; those at a cut are left out."""
    total, number = np.zeros(parts), np.zeros(parts)
    for start, end, change in changes:
        following = bisect_right(cuts, start + ROUNDING)
        if following < len(cuts) and cuts[following] <= end + ROUNDING:
            continue
        part = min(parts - 1, int((start + end) / 2 / film_seconds * parts))
        total[part] += change
        number[part] += 1
    return total / np.maximum(number, 1)


def propose(overview: Overview, seconds: float = PROPOSED) -> Section:
    """The section in which most moves, and across which there is no cut.

    Of sections in which nearly as much moves, that with the motion in its middle.

    Args:
        overview: of the film.
        seconds: how long the section is to be; between cuts that are closer, all between them.
    """
    edges = np.linspace(0, overview.film_seconds, len(overview.motion) + 1)
    step = edges[1] - edges[0]
    amount = np.concatenate([[0.0], np.cumsum(overview.motion) * step])
    moment = np.concatenate([[0.0], np.cumsum(overview.motion * overview.motion_seconds) * step])
    starts, ends = [], []
    for begin, stop in pairwise([0.0, *overview.cuts, overview.film_seconds]):
        last = max(begin, stop - seconds)
        first = np.union1d(edges[(edges > begin) & (edges < last)], [begin, last])
        starts.append(first)
        ends.append(np.minimum(first + seconds, stop))
    start, end = np.concatenate(starts), np.concatenate(ends)
    moved = np.interp(end, edges, amount) - np.interp(start, edges, amount)
    moments = np.interp(end, edges, moment) - np.interp(start, edges, moment)
    centre = np.divide(moments, moved, out=(start + end) / 2, where=moved > 0)
    eccentric = np.abs(centre - (start + end) / 2)
    eccentric[moved < _NEARLY * moved.max()] = np.inf
    best = int(np.argmin(eccentric))
    return Section(float(start[best]), float(end[best]))


_NEARLY = 0.95  # of the most that moves in any section


def crosses_cut(section: Section, cuts: Sequence[float]) -> float | None:
    """The time of the first cut inside a section; None where there is none."""
    inside = (cut for cut in cuts if section.start + ROUNDING < cut < section.end - ROUNDING)
    return next(inside, None)
