"""What is known of a clip without asking a network: how long, how bright, how much moves.

Everything is measured on at most `FRAMES` frames, made so small that their short side has 96
pixels. Lengths in the picture are parts of its diagonal and speeds are per second, so that they do
not depend on the size or the frame rate of the file.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import pairwise
from math import nan

import cv2
import numpy as np
from jaxtyping import Float32, Float64, UInt8

from maagn.config import SamplingSpec
from maagn.data.read import read_video
from maagn.data.videos import Video
from maagn.errors import ClipTooLarge

FRAMES = 48
"""Frames that are looked at, one in the middle of each of as many equal parts; all of a shorter
clip, and a quarter of them where so many are too large for the memory."""

STEP = 1 / 15
"""Seconds between two frames that are compared for motion, at least: a file of 60 frames a second
would otherwise give steps too small to be told from noise."""

_FARTHEST = 1 / 8  # seconds; what is farther apart is not compared for motion
_RUNS, _OF_A_RUN = 3, 12  # stretches of a long clip that are looked at, and the frames of each
_RENDERED_FRAMES, _RENDERED_SECONDS = 36, 3.0  # of a rendered clip, which has no times of its own

_SIDE = 96  # pixels of the short side; the flow's coarsest scale needs about that many
_LONGEST = 4 * _SIDE
_STILL = 4.0  # of 255: where the picture changes less, nothing moves; noise of codecs stays below
_NEAR = 7  # pixels around a change that flow is believed in
_FEWEST = 12  # parts with texture, of some 190, that must agree on what the camera does
_HALF_WINDOW = 0.5  # seconds before and after a moment that the camera's steady path is fitted to
_CUT = 22.0  # of 255: mean change of a cell's colour from one shot to another
_CUT_RATIO = 2.2  # times the changes just before and after it
_CELLS = 24  # along each side; a cell averages small movements away


@dataclass(frozen=True)
class ClipMeasures:
    """What was measured of one clip; NaN where it cannot be.

    Attributes:
        duration: seconds, the last frame's own time included; NaN of rendered and of single frames.
        frame_rate: frames per second, from the median of the times between frames; NaN as above.
        width: of the upright picture, pixels; NaN of rendered clips.
        height: likewise.
        short_side: the smaller of the two.
        brightness: mean luma (Rec. 601), 0 to 255.
        contrast: standard deviation of luma within a frame, the mean over frames, 0 to 127.5.
        motion: mean optical flow (DIS, Kroeger et al. 2016) that is left when the camera's shift,
            turn and zoom are taken away: parts of the diagonal per second, averaged over all
            pixels, so that a small thing counts less than a large one of the same speed.
        camera_shake: how far the camera is from its steady path, a straight line fitted to the half
            second before and after: parts of the diagonal, mean over frames. A steady pan is none.
        cuts: from one shot to another, as far as the frames that are looked at show them; two
            shots in quick turn may be missed, and so may cuts in clips of a minute and more.
    """

    duration: float = nan
    frame_rate: float = nan
    width: float = nan
    height: float = nan
    short_side: float = nan
    brightness: float = nan
    contrast: float = nan
    motion: float = nan
    camera_shake: float = nan
    cuts: float = nan


MEASURES = tuple(field.name.replace("_", " ") for field in fields(ClipMeasures))
"""What people call them, in the order of the fields."""

UNITS = {
    "duration": "s",
    "frame rate": "frames a second",
    "width": "pixels",
    "height": "pixels",
    "short side": "pixels",
    "brightness": "of 255",
    "contrast": "of 255",
    "motion": "of the diagonal a second",
    "camera shake": "of the diagonal",
}


def measure(video: Video) -> ClipMeasures:
    """Measure one clip: a file, a folder of frames, or a rendered one.

    Raises:
        ClipError: it cannot be read (`maagn.data.read.read_video`).
    """
    if video.draw is not None:
        frames = video.draw(_RENDERED_FRAMES, _SIDE)
        seconds = np.arange(_RENDERED_FRAMES) * (_RENDERED_SECONDS / _RENDERED_FRAMES)
        return ClipMeasures(**_seen(frames), **_moved([(frames, seconds)]))
    try:
        clip = read_video(video, samplings=_spread(FRAMES))
    except ClipTooLarge:  # too many bytes of frames; if it is for another reason, it says so again
        clip = read_video(video, samplings=_spread(FRAMES // 4))
    times, (height, width) = clip.source_seconds, clip.frames.shape[1:3]
    gap = float(np.median(np.diff(times))) if len(times) > 1 else nan
    small = _small(clip.frames)
    stretches = [(small, clip.seconds)]
    if len(times) > 1 and float(np.median(np.diff(clip.seconds))) > max(_FARTHEST, 1.5 * gap):
        stretches = _runs(video, gap)
    return ClipMeasures(
        duration=float(times[-1] - times[0]) + gap,
        frame_rate=1 / gap,
        width=float(width),
        height=float(height),
        short_side=float(min(width, height)),
        **_seen(small),
        **_moved(stretches),
    )


Stretch = tuple[UInt8[np.ndarray, "n s r 3"], Float64[np.ndarray, " n"]]
"""Small frames that follow each other closely, and their times in seconds."""


def _spread(count: int) -> list[SamplingSpec]:
    """The middles of equal parts, one sampling each, so that a shorter clip is not too short."""
    return [SamplingSpec(1, clip=index, clips=count) for index in range(count)]


def _runs(video: Video, gap: float) -> list[Stretch]:
    """Parts of a long clip, whose evenly spread frames are too far apart to be compared."""
    apart = max(1, round(STEP / gap))
    clip = read_video(
        video,
        samplings=[
            SamplingSpec(_OF_A_RUN, window=_OF_A_RUN * apart, clip=index, clips=_RUNS)
            for index in range(_RUNS)
        ],
    )
    small, ends = _small(clip.frames), np.flatnonzero(np.diff(clip.indices) > apart) + 1
    return list(zip(np.split(small, ends), np.split(clip.seconds, ends), strict=True))


def _small(frames: UInt8[np.ndarray, "t h w 3"]) -> UInt8[np.ndarray, "t s r 3"]:
    """By a whole number first, which OpenCV does fast, then by what is left, less than two."""
    whole = max(1, min(frames.shape[1:3]) // _SIDE)
    height, width = (length // whole for length in frames.shape[1:3])
    factor = _SIDE / min(height, width)
    size = min(_LONGEST, round(width * factor)), min(_LONGEST, round(height * factor))
    cut = frames[:, : height * whole, : width * whole]
    reduced = (cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA) for frame in cut)
    return np.stack([cv2.resize(frame, size) for frame in (reduced if whole > 1 else cut)])


def _seen(frames: UInt8[np.ndarray, "t h w 3"]) -> dict[str, float]:
    """Brightness, contrast and cuts."""
    luma = [cv2.meanStdDev(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)) for frame in frames]
    means, deviations = np.array([[mean.item(), deviation.item()] for mean, deviation in luma]).T
    return {
        "brightness": float(means.mean()),
        "contrast": float(deviations.mean()),
        "cuts": float(len(cuts(frames))),
    }


def cuts(frames: UInt8[np.ndarray, "t h w 3"]) -> list[int]:
    """Places of the frames that begin another shot.

    There the cells of a 24 x 24 grid change by 22 of 255 on the mean, and 2.2 times as much as
    from any of the two frames before and the two after to the next: what moves fast changes much
    again and again, and a flash changes the picture twice.
    """
    cells = np.stack(
        [cv2.resize(frame, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA) for frame in frames]
    ).astype(np.float32)
    change = np.abs(np.diff(cells, axis=0)).mean(axis=(1, 2, 3))
    found = []
    for place in np.flatnonzero(change > _CUT):
        around = (*change[max(0, place - 2) : place], *change[place + 1 : place + 3])
        if change[place] >= _CUT_RATIO * max(around, default=0.0):
            found.append(int(place) + 1)
    return found


def _moved(stretches: Sequence[Stretch]) -> dict[str, float]:
    """Motion and the camera's shake, over all stretches; NaN where no two frames are close."""
    motion: list[float] = []
    away: list[float] = []
    for frames, seconds in stretches:
        frames, seconds = _thinned(frames, seconds)
        ends = [0, *cuts(frames), len(frames)]
        for start, end in pairwise(ends):
            speeds, path = _followed(frames[start:end], seconds[start:end])
            motion += speeds
            away += _off_path(path, seconds[start:end])
    return {
        "motion": float(np.mean(motion)) if motion else nan,
        "camera_shake": float(np.mean(away)) if away else nan,
    }


def _thinned(frames: UInt8[np.ndarray, "t h w 3"], seconds: Float64[np.ndarray, " t"]) -> Stretch:
    """Without the frames that follow the one before sooner than `STEP`."""
    kept = [0]
    for index in range(1, len(seconds)):
        if seconds[index] - seconds[kept[-1]] >= 0.95 * STEP:
            kept.append(index)
    return frames[kept], seconds[kept]


def _followed(
    frames: UInt8[np.ndarray, "t h w 3"], seconds: Float64[np.ndarray, " t"]
) -> tuple[list[float], Float64[np.ndarray, "t 2"]]:
    """Mean speed of what moves by itself between frames, and the camera's path: of the diagonal."""
    grey = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]
    height, width = grey[0].shape
    diagonal = float(np.hypot(width, height))
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    finder.setVariationalRefinementIterations(0)  # as right without, and in half the time
    finder.setGradientDescentIterations(12)
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    speeds: list[float] = []
    path = [np.zeros(2)]
    for before, after, gap in zip(grey[:-1], grey[1:], np.diff(seconds), strict=True):
        camera, own = _parted(before, after, finder, window)
        path.append(path[-1] + camera / diagonal)
        speeds.append(own / diagonal / float(gap))
    return speeds, np.stack(path)


def _parted(
    before: UInt8[np.ndarray, "h w"],
    after: UInt8[np.ndarray, "h w"],
    finder: "cv2.DISOpticalFlow",
    window: Float32[np.ndarray, "h w"],
) -> tuple[Float64[np.ndarray, " 2"], float]:
    """Pixels that the camera shifts the picture's middle, and the mean of what is left of flow.

    Large shifts are found first, by phase correlation, because flow finds none of them.
    """
    height, width = before.shape
    if not _changes(before, after).any():
        return np.zeros(2), 0.0
    for shift in (_shift(before, after, window), np.zeros(2)):
        camera = np.hstack([np.eye(2), shift[:, None]])
        flow = finder.calc(_warped(before, camera), after, np.zeros((height, width, 2), np.float32))
        rest = _by_camera(flow, after)
        if rest is not None or not shift.any():
            break
    if rest is None:
        rest = np.eye(2, 3)
    camera[:, 2] = rest[:, :2] @ camera[:, 2] + rest[:, 2]
    camera[:, :2] = rest[:, :2]
    y, x = _grid(height, width)
    (a, b, right), (c, d, down) = rest.tolist()  # plain numbers keep the arrays single
    left = np.hypot(
        flow[..., 0] - ((a - 1) * x + b * y + right), flow[..., 1] - (c * x + (d - 1) * y + down)
    )
    left *= _changes(_warped(before, camera), after)
    inside = cv2.warpAffine(np.ones_like(before), camera, (width, height))
    seen = cv2.erode(inside, np.ones((9, 9), np.uint8)) > 0  # what the frame before showed too
    middle = camera @ (width / 2, height / 2, 1) - (width / 2, height / 2)
    return middle, float(left[seen].mean()) if seen.any() else 0.0


def _by_camera(
    flow: Float32[np.ndarray, "h w 2"], picture: UInt8[np.ndarray, "h w"]
) -> Float64[np.ndarray, "2 3"] | None:
    """The turn, zoom and shift (RANSAC) of most parts with texture, if those lie all over.

    None where they do not: a thing that moves in front of a plain wall moves all texture there is.
    """
    height, width = picture.shape
    values = picture.astype(np.float32)
    spread = cv2.blur(values * values, (9, 9)) - cv2.blur(values, (9, 9)) ** 2
    rows, columns = np.mgrid[4:height:8, 4:width:8].reshape(2, -1)
    textured = spread[rows, columns] > _STILL**2
    rows, columns = rows[textured], columns[textured]
    if len(rows) < _FEWEST:
        return None
    places = np.stack([columns, rows], axis=1).astype(np.float32)
    matrix, inside = cv2.estimateAffinePartial2D(
        places, places + flow[rows, columns], ransacReprojThreshold=0.5
    )
    if matrix is None:
        return None
    agreeing = places[inside.ravel() > 0]
    if len(agreeing) < max(_FEWEST, len(places) / 3):
        return None
    ordered, few = np.sort(agreeing, axis=0), len(agreeing) // 20
    span = ordered[-1 - few] - ordered[few]
    return None if (span < (width / 2, height / 2)).any() else matrix


@lru_cache(maxsize=16)
def _grid(height: int, width: int) -> Float32[np.ndarray, "2 h w"]:
    """Row and column of every pixel."""
    return np.mgrid[:height, :width].astype(np.float32)


def _warped(
    picture: UInt8[np.ndarray, "h w"], matrix: Float64[np.ndarray, "2 3"]
) -> UInt8[np.ndarray, "h w"]:
    return cv2.warpAffine(picture, matrix, picture.shape[::-1], borderMode=cv2.BORDER_REPLICATE)


def _shift(
    before: UInt8[np.ndarray, "h w"],
    after: UInt8[np.ndarray, "h w"],
    window: Float32[np.ndarray, "h w"],
) -> Float64[np.ndarray, " 2"]:
    """To the right and down; none where shifting does not make the pictures more alike."""
    (right, down), _ = cv2.phaseCorrelate(
        before.astype(np.float32), after.astype(np.float32), window
    )
    found = np.round([right, down])  # whole pixels: flow finds the rest, and nothing is blurred
    height, width = before.shape
    if not found.any() or np.abs(found).max() > min(height, width) / 3:
        return np.zeros(2)
    right, down = map(int, found)
    ours = before[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
    theirs = after[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)]
    alike = cv2.absdiff(ours, theirs).mean() < cv2.absdiff(before, after).mean()
    return found if alike else np.zeros(2)


def _changes(
    before: UInt8[np.ndarray, "h w"], after: UInt8[np.ndarray, "h w"]
) -> UInt8[np.ndarray, "h w"]:
    """1 where, or near where, the picture changes: elsewhere flow is spread over plain areas."""
    change = cv2.blur(cv2.absdiff(before, after), (3, 3)) > _STILL
    return cv2.morphologyEx(
        change.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((2 * _NEAR + 1,) * 2, np.uint8)
    )


def _off_path(path: Float64[np.ndarray, "t 2"], seconds: Float64[np.ndarray, " t"]) -> list[float]:
    """Distance of each moment from the line that is fitted to the moments around it."""
    found = []
    for moment, at in zip(seconds, path, strict=True):
        near = np.abs(seconds - moment) <= _HALF_WINDOW
        if near.sum() > 3:
            line = np.stack([np.ones(near.sum()), seconds[near] - moment], axis=1)
            fitted, *_ = np.linalg.lstsq(line, path[near], rcond=None)
            found.append(float(np.linalg.norm(at - fitted[0])))
    return found
