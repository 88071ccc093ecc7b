"""Maps put together: over neighbouring frames, and over layers of several resolutions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

import cv2
import numpy as np
from jaxtyping import Float32, Float64
from scipy.ndimage import uniform_filter1d

from maagn.errors import UnknownMethod
from maagn.explain.moments import nearest
from maagn.types import Explanation

Fusion = Literal["mean", "geometric", "product"]


@dataclass(frozen=True)
class Source:
    """Which layers a map is of.

    Attributes:
        layers: taps, one or more.
        fusion: how several are fused; None for one.
    """

    layers: tuple[str, ...]
    fusion: Fusion | None = None

    @classmethod
    def parse(cls, name: str) -> "Source":
        """From the name that commands and addresses use: a tap, or `mean:TAP+TAP`.

        Raises:
            UnknownMethod: no such way to fuse, or fewer than two layers to fuse.
        """
        how, colon, listed = name.rpartition(":")
        if not colon:
            return cls((name,))
        taps = tuple(listed.split("+"))
        if how not in get_args(Fusion) or len(taps) < 2 or len(set(taps)) < len(taps):
            raise UnknownMethod(
                f"There is no map of {name}: give one layer, or several as "
                f"mean:backbone.res3+backbone.res4 ({', '.join(get_args(Fusion))})."
            )
        return cls(taps, cast(Fusion, how))

    @property
    def name(self) -> str:
        """What `parse` reads."""
        return f"{self.fusion}:{'+'.join(self.layers)}" if self.fusion else self.layers[0]

    @property
    def words(self) -> str:
        """What people read, e.g. `res3 times res4`."""
        names = [layer.removeprefix("backbone.") for layer in self.layers]
        match self.fusion:
            case None:
                return self.layers[0]
            case "product":
                return " times ".join(names)
            case _:
                kind = "mean" if self.fusion == "mean" else "geometric mean"
                return f"{kind} of {', '.join(names)}"


def put_together(cams: Sequence[Explanation], source: Source, *, smoothing: int) -> Explanation:
    """The map of a source from those of its layers: each smoothed over time, then fused.

    Args:
        cams: a map of each of the source's layers, of one run, class and method.
        source: which layers.
        smoothing: of how many neighbouring frames each frame is the mean; odd, 1 for none.
    """
    maps = [smoothed(cam, smoothing) for cam in cams]
    return maps[0] if source.fusion is None else fused(maps, source.fusion)


def smoothed(cam: Explanation, frames: int) -> Explanation:
    """Each frame of a map as the mean of so many about it; beyond the ends the last is repeated.

    Args:
        cam: `values` (time, row, column), raw and signed.
        frames: odd; 1 changes nothing.

    Raises:
        ValueError: the number is even, or not positive.
    """
    if frames < 1 or frames % 2 == 0:
        raise ValueError(f"a frame is the mean of an odd number of frames, got {frames}")
    if frames == 1:
        return cam
    values = uniform_filter1d(cam.values, size=frames, axis=0, mode="nearest")
    return replace(cam, values=values, about={**cam.about, "smoothing": frames})


def fused(cams: Sequence[Explanation], fusion: Fusion) -> Explanation:
    """One map of several maps' positive parts, each first scaled to a sum of 1.

    Coarser maps are interpolated between the middles of their cells, and a frame that they lack is
    the one nearest in time.

    Args:
        cams: of one run and class, two or more.
        fusion: `mean`, `geometric` mean, or `product`; the last two are zero where any map is.

    Returns:
        `values` (t, h, w), non-negative and with a sum of 1, or zero everywhere, with the frames
        and at the resolution of the finest.
    """
    times = max((cam.seconds for cam in cams), key=len)
    rows, columns = (max(cam.values.shape[axis] for cam in cams) for axis in (1, 2))
    parts = np.stack([_whole(_resampled(cam, times, rows, columns)) for cam in cams])
    values = parts.mean(axis=0) if fusion == "mean" else parts.prod(axis=0)
    values = _whole(values ** (1 / len(parts)) if fusion == "geometric" else values)
    source = Source(tuple(cam.about["layer"] for cam in cams), fusion)
    return replace(
        cams[0],
        name=source.name,
        values=values.astype(np.float32),
        unit="of the map",
        bounds=(0.0, 1.0),
        signed=False,
        seconds=times,
        about={**cams[0].about, "layer": source.name},
    )


def _whole(values: Float64[np.ndarray, "t h w"]) -> Float64[np.ndarray, "t h w"]:
    """Scaled to a sum of 1; zero where there is nothing to scale."""
    total = values.sum()
    return values / total if total > 0 else np.zeros_like(values)


def _resampled(
    cam: Explanation, times: Float64[np.ndarray, " t"], rows: int, columns: int
) -> Float64[np.ndarray, "t h w"]:
    """The positive part at those times and that resolution."""
    positive: Float32[np.ndarray, "t h w"] = np.maximum(cam.values, 0)
    frames = positive[nearest(cam.seconds, to=times)]
    large = [cv2.resize(f, (columns, rows), interpolation=cv2.INTER_LINEAR) for f in frames]
    return np.stack(large).astype(np.float64)
