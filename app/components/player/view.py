"""What the player draws, as values that are checked when they are made."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from jaxtyping import Float, Float32, Integer, UInt8
from numpy.typing import NDArray

from app.facts import Facts
from maagn.figures.palette import colour
from maagn.types import Crop

Mark = Literal["solid", "dashed", "dotted", "dashdot", "bars"]

MAX_SIDE = 960
"""Largest height or width of a frame: more is not seen beside the maps of several networks."""

RANGE_SLACK = 1e-3
"""How far outside its axis a value may lie, as a share of the axis: rounding, not a wrong range."""


@dataclass(frozen=True, eq=False)
class Overlay:
    """One network's class activation maps over the clip.

    Attributes:
        name: the heading, e.g. `MAAGN`.
        colour: whose colour the heading wears: a key of `maagn.figures.palette`, e.g. `MAAGN`.
        headline: what follows the name, e.g. `gives 61 % to Opening something`.
        maps: raw maps, not scaled; finite, at least 0.
        map_seconds: the time of each map; strictly increasing. May be fewer than the clip's frames.
        scale_max: the value at the top of the clip's scale; at least the largest of `maps`.

    Raises:
        ValueError: one of these does not hold.
    """

    name: str
    colour: str
    headline: str
    maps: Float32[np.ndarray, "n rows columns"]
    map_seconds: Float[np.ndarray, " n"]
    scale_max: float

    def __post_init__(self) -> None:
        """Raise `ValueError` where shapes or ranges are not what the browser script expects."""
        colour(self.colour)
        if self.maps.ndim != 3 or 0 in self.maps.shape or len(self.maps) != len(self.map_seconds):
            raise ValueError(
                f"Overlay {self.name} needs one map a time, "
                f"got maps {self.maps.shape} for {len(self.map_seconds)} times"
            )
        if not np.isfinite(self.maps).all() or self.maps.min() < 0:
            raise ValueError(f"maps of overlay {self.name} must be finite and at least 0")
        if not np.isfinite(self.scale_max) or self.scale_max < self.maps.max():
            raise ValueError(
                f"scale_max of overlay {self.name} must reach its largest value "
                f"{self.maps.max():g}, got {self.scale_max:g}"
            )
        _check_times(f"map_seconds of overlay {self.name}", self.map_seconds)

    @property
    def empty(self) -> bool:
        """Whether no cell of any frame speaks for the class: a result, not a failure."""
        return not self.maps.any()


@dataclass(frozen=True, eq=False)
class Series:
    """One line, or one row of bars, of a chart.

    Attributes:
        label: its name, written at its end.
        colour: a key of `maagn.figures.palette`, e.g. `SDM`.
        seconds: the time of each value; strictly increasing.
        values: finite.
        mark: how it is drawn; lines of one colour are told apart by their dashes.
        band: lower and upper edge of an area behind it, e.g. where most clips lie; None for none.
        faint: drawn pale, as what does not depend on the clip.

    Raises:
        ValueError: one of these does not hold.
    """

    label: str
    colour: str
    seconds: Float[np.ndarray, " n"]
    values: Float[np.ndarray, " n"]
    mark: Mark = "solid"
    band: tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]] | None = None
    faint: bool = False

    def __post_init__(self) -> None:
        """Raise `ValueError` where shapes or ranges are not what the browser script expects."""
        colour(self.colour)
        for edge in self.band or ():
            if edge.shape != self.values.shape or not np.isfinite(edge).all():
                raise ValueError(f"the band of series {self.label} needs two numbers a time")
        if self.values.shape != self.seconds.shape or not len(self.values):
            raise ValueError(
                f"series {self.label} needs one value a time, "
                f"got {self.values.shape} for {self.seconds.shape}"
            )
        if not np.isfinite(self.values).all():
            raise ValueError(f"values of series {self.label} must be finite")
        _check_times(f"seconds of series {self.label}", self.seconds)


@dataclass(frozen=True, eq=False)
class TimeChart:
    """Numbers over the time of the clip.

    Attributes:
        title: what is measured, e.g. `SDM mask`.
        unit: what the numbers count, e.g. `weight, 0 to 1`.
        low: bottom of the axis.
        high: top of the axis; above `low`. Both are fixed, so that two clips compare by eye.
        series: at least one.
        group: charts of one group share a column, its heading and its time axis,
            e.g. `Path res3, every frame`.

    Raises:
        ValueError: the axis is empty, there is no series, or a value lies outside the axis.
    """

    title: str
    unit: str
    low: float
    high: float
    series: tuple[Series, ...]
    group: str = ""

    def __post_init__(self) -> None:
        """Raise `ValueError` where shapes or ranges are not what the browser script expects."""
        if not (np.isfinite([self.low, self.high]).all() and self.low < self.high):
            raise ValueError(f"axis of {self.title} must rise, got {self.low:g} to {self.high:g}")
        if not self.series:
            raise ValueError(f"chart {self.title} has no series")
        slack = RANGE_SLACK * (self.high - self.low)
        for one in self.series:
            if one.values.min() < self.low - slack or one.values.max() > self.high + slack:
                raise ValueError(
                    f"series {one.label} of {self.title} leaves its axis {self.low:g} to "
                    f"{self.high:g}: {one.values.min():g} to {one.values.max():g}"
                )


@dataclass(frozen=True, eq=False)
class Rail:
    """One line of the ruler: where frames lie in the clip's time.

    Attributes:
        label: whose frames, e.g. `source`.
        seconds: of each; strictly increasing.
        names: number of each, as people are told it; empty where there are too many to name.
    """

    label: str
    seconds: Float[np.ndarray, " n"]
    names: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Raise `ValueError` where shapes or ranges are not what the browser script expects."""
        if self.names and len(self.names) != len(self.seconds):
            raise ValueError(f"rail {self.label} needs one name per frame, got {len(self.names)}")
        _check_times(f"seconds of rail {self.label}", self.seconds)


@dataclass(frozen=True, eq=False)
class Arrows:
    """What moves from each frame to the next, in even fields of the part that networks see.

    Attributes:
        flow: to the right and down, finite; one a frame but the last.
        unit: of the flow, e.g. `pixels per second`.

    Raises:
        ValueError: one of these does not hold.
    """

    flow: Float32[np.ndarray, "pairs rows columns 2"]
    unit: str

    def __post_init__(self) -> None:
        """Raise `ValueError` where shapes or ranges are not what the browser script expects."""
        if self.flow.ndim != 4 or self.flow.shape[3] != 2 or not np.isfinite(self.flow).all():
            raise ValueError(
                f"arrows need finite flow (pairs, rows, columns, 2), got {self.flow.shape}"
            )

    @property
    def fastest(self) -> float:
        """The largest speed: of the longest arrow."""
        return float(np.linalg.norm(self.flow, axis=3).max(initial=0.0))


@dataclass(frozen=True, eq=False)
class PlayerView:
    """A clip with everything that is drawn beside it.

    Attributes:
        title: names the player for those who cannot see it, e.g. the clip's name.
        seconds: presentation time of each sampled frame; strictly increasing.
        positions: place of each sampled frame in the source, from 0; may run backwards.
        duration: length of the clip in seconds; at least the last of `seconds`.
        frames: the sampled frames, whole, RGB in [0, 255]; sides up to `MAX_SIDE`.
        note: what is shown, beneath the clip.
        overlays: drawn side by side after the bare clip.
        charts: drawn beneath, in columns by group.
        moment: the sampled frame that is shown first, from 0.
        opening: the sampled frame at which the clip opens where no link asks for another.
        why: in a sentence, why it opens there; empty for nothing to say.
        crop: the part of the frames that the networks see and maps cover, in pixels of the frames;
            None for all of it.
        arrows: what moves from frame to frame; None for no arrows.
        film: makes an MP4 of every frame of the clip, of the same picture, for whoever plays it;
            its times begin at the clip's. None where there are no more frames than these.
        rails: the ruler beneath the clip, top to bottom; none, no ruler.
        badges: short words over the ruler, e.g. that frames are missing.
        in_address: whether an address can name the clip, and with it a moment.
        backwards: whether the clip is played backwards, too, in step beside itself.
        facts: what the numbers are of, as their files say it.

    Raises:
        ValueError: one of these does not hold.
    """

    title: str
    seconds: Float[np.ndarray, " t"]
    positions: Integer[np.ndarray, " t"]
    duration: float
    frames: UInt8[np.ndarray, "t h w 3"]
    note: str = ""
    overlays: tuple[Overlay, ...] = ()
    charts: tuple[TimeChart, ...] = ()
    moment: int = 0
    opening: int = 0
    why: str = ""
    crop: Crop | None = None
    arrows: Arrows | None = None
    film: Callable[[], bytes] | None = None
    rails: tuple[Rail, ...] = ()
    badges: tuple[str, ...] = ()
    in_address: bool = True
    backwards: bool = False
    facts: Facts = field(default_factory=Facts)

    def __post_init__(self) -> None:
        """Raise `ValueError` where shapes or ranges are not what the browser script expects."""
        for number in (self.moment, self.opening):
            if not 0 <= number < len(self.frames):
                raise ValueError(f"there are {len(self.frames)} frames, none numbered {number}")
        shape = self.frames.shape
        if self.frames.dtype != np.uint8 or len(shape) != 4 or shape[3] != 3 or 0 in shape:
            raise ValueError(f"frames must be uint8 (t, h, w, 3), got {self.frames.dtype} {shape}")
        if max(shape[1:3]) > MAX_SIDE:
            raise ValueError(f"frames have sides up to {MAX_SIDE}, got {shape[1]} x {shape[2]}")
        if not len(self.seconds) == len(self.positions) == len(self.frames):
            raise ValueError(
                f"{len(self.frames)} frames need as many seconds and positions, "
                f"got {len(self.seconds)} and {len(self.positions)}"
            )
        _check_times("seconds of the clip", self.seconds)
        if self.arrows is not None and len(self.arrows.flow) != len(self.frames) - 1:
            raise ValueError(f"{len(self.frames)} frames need one field of arrows fewer")
        self._check_crop()
        if not np.isfinite(self.duration) or self.duration < self.seconds[-1]:
            raise ValueError(
                f"duration must reach the last frame at {self.seconds[-1]:g} s, "
                f"got {self.duration:g}"
            )

    def _check_crop(self) -> None:
        height, width = self.frames.shape[1:3]
        crop = self.seen
        slack = 0.5  # pixels: rounding
        if (
            min(crop.left, crop.top) < -slack
            or min(crop.width, crop.height) <= 0
            or crop.left + crop.width > width + slack
            or crop.top + crop.height > height + slack
        ):
            raise ValueError(f"{crop} leaves the picture of {width} x {height}")

    @property
    def seen(self) -> Crop:
        """The part that the networks see, in pixels of the frames."""
        height, width = self.frames.shape[1:3]
        return self.crop or Crop(0.0, 0.0, float(width), float(height))

    @property
    def seen_frames(self) -> UInt8[np.ndarray, "t h w 3"]:
        """The frames' part that the networks see, in whole pixels."""
        crop = self.seen
        top, left = max(0, round(crop.top)), max(0, round(crop.left))
        bottom, right = round(crop.top + crop.height), round(crop.left + crop.width)
        return self.frames[:, top : max(bottom, top + 1), left : max(right, left + 1)]

    def rows(self) -> pd.DataFrame | None:
        """Every moment of every line of the charts; None without charts."""
        series = [(chart, one) for chart in self.charts for one in chart.series]
        found = [
            {"path": chart.group, "chart": chart.title, "unit": chart.unit,
             "series": one.label, "seconds": second, "value": value}
            for chart, one in series
            for second, value in zip(one.seconds.tolist(), one.values.tolist(), strict=True)
        ]  # fmt: skip
        return pd.DataFrame(found) if found else None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Times and places of frames, each network's maps with their times, each chart's lines."""
        found: dict[str, NDArray[Any]] = {"seconds": self.seconds, "positions": self.positions}
        for overlay in self.overlays:
            found |= {
                f"{overlay.name}.maps": overlay.maps,
                f"{overlay.name}.seconds": overlay.map_seconds,
            }
        return found | {
            f"{chart.group}.{chart.title}.{one.label}": one.values
            for chart in self.charts
            for one in chart.series
        }


def _check_times(what: str, seconds: Float[np.ndarray, " n"]) -> None:
    """Times are finite, not negative, and strictly increasing."""
    if not np.isfinite(seconds).all() or seconds[0] < 0 or np.any(np.diff(seconds) <= 0):
        raise ValueError(f"{what} must be at least 0 and strictly increasing, got {seconds}")
