"""Does a map point at what the action is about? Its mass and its maximum, against the truth.

Energy-based pointing is of Wang et al., "Score-CAM" (2020): the share of a map's positive mass
that lies on the object. The pointing game is of Zhang et al., "Top-down Neural Attention by
Excitation Backprop" (2018): whether the maximum lies on it, or no farther away than a tolerance.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from jaxtyping import Bool, Float32, Float64
from scipy.ndimage import distance_transform_edt

from maagn.checkpoint import CheckpointInfo
from maagn.explain.moments import nearest
from maagn.explain.motion import flow
from maagn.opposites.clip import OppositeClip
from maagn.opposites.masks import ClipMasks
from maagn.opposites.scene import FULL, HAND, THING
from maagn.types import Clip, ClipTensor, Explanation
from maagn.video.transform import sample_positions, to_tensor

Part = Literal["both", "hand", "thing", "motion"]
PARTS: tuple[Part, ...] = ("both", "hand", "thing", "motion")
"""What a map may point at: hand or thing, either alone, and what moves most."""

TOLERANCE = 0.03
"""Of the pointing game, as a share of the picture's side: 15 pixels of 500, as its authors do."""

MOVING = 0.2
"""Share of every frame that counts as what moves most."""

CENTRE_SIGMA = 0.25
"""Of the baseline that always points at the centre, as a share of the picture's side."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What each pixel of the network's pictures shows.

    Attributes:
        masks: of each part that is known; a part without a single pixel is not there.
    """

    masks: Mapping[Part, Bool[np.ndarray, "t h w"]]

    @classmethod
    def of(cls, inputs: ClipTensor, masks: ClipMasks | None = None) -> "Truth":
        """Of what a network sees.

        Args:
            inputs: what it sees.
            masks: of the same pictures, where the clip is rendered (`masks_seen`).
        """
        found: dict[Part, Bool[np.ndarray, "t h w"]] = {"motion": moving_most(inputs)}
        if masks is not None:
            found |= {"both": masks.both, "hand": masks.hand, "thing": masks.thing}
        return cls({part: mask for part, mask in found.items() if mask.any()})

    def area(self, part: Part) -> float:
        """Share of all pixels of all frames that it covers, in [0, 1]."""
        return float(self.masks[part].mean())

    @cached_property
    def distances(self) -> dict[Part, Float64[np.ndarray, "t h w"]]:
        """From every pixel to the part in its frame, as a share of the side; infinite without."""
        return {
            part: np.stack([_distances(frame) for frame in mask])
            for part, mask in self.masks.items()
        }


def _distances(mask: Bool[np.ndarray, "h w"]) -> Float64[np.ndarray, "h w"]:
    if not mask.any():
        return np.full(mask.shape, np.inf)
    return distance_transform_edt(~mask) / mask.shape[1]


def masks_seen(
    clip: OppositeClip, model: CheckpointInfo, *, times: Float64[np.ndarray, " n"], size: int
) -> ClipMasks:
    """Hand and thing in what a network sees of a rendered clip, by its own sampling and transform.

    Args:
        clip: that was rendered.
        model: the network.
        times: of all the source's frames, in [0, 1] of the clip; strictly increasing.
        size: side of the source's frames in pixels.
    """
    positions = sample_positions(len(times), model.sampling)
    masks = clip.masks(times[positions], size=size)
    drawn = np.zeros((*masks.hand.shape, 3), np.uint8)
    drawn[..., HAND], drawn[..., THING] = masks.hand * int(FULL), masks.thing * int(FULL)
    source = Clip(
        frames=drawn,
        seconds=times[positions],
        indices=positions,
        source_seconds=times,
        digest="",
        name="masks",
        reader="memory",
    )
    seen = to_tensor(source, sampling=model.sampling, transform=model.transform).pictures
    hand, thing = seen[..., HAND].astype(np.int64), seen[..., THING].astype(np.int64)
    either = hand + thing >= FULL / 2
    return ClipMasks(hand=either & (hand >= thing), thing=either & (hand < thing))


def moving_most(inputs: ClipTensor) -> Bool[np.ndarray, "t h w"]:
    """The fifth of each frame that moves most, by the optical flow to the frames before and after.

    Where nothing moves at all it is nowhere.
    """
    speed = np.linalg.norm(flow(inputs.pictures, inputs.seconds), axis=-1)
    around = np.stack([np.concatenate([speed[:1], speed]), np.concatenate([speed, speed[-1:]])])
    frames = around.mean(axis=0)
    count = round(MOVING * frames[0].size)
    ranks = np.argsort(np.argsort(-frames.reshape(len(frames), -1), axis=1, kind="stable"), axis=1)
    return (ranks < count).reshape(frames.shape) & (frames.max(axis=(1, 2), keepdims=True) > 0)


def per_pixel(cam: Explanation, inputs: ClipTensor) -> Float32[np.ndarray, "t h w"]:
    """A map's positive part at every pixel that the network sees.

    A cell stands for its even share of the crop (`maagn.video.transform.source_rectangle`), and a
    frame for those that are nearest to it in time.
    """
    frames, high, wide = inputs.pictures.shape[:3]
    rows, columns = cam.values.shape[1:]
    positive = np.maximum(cam.values, 0)[nearest(cam.seconds, to=inputs.seconds)]
    down, across = np.arange(high) * rows // high, np.arange(wide) * columns // wide
    return positive[:, down][:, :, across].reshape(frames, high, wide)


@dataclass(frozen=True)
class Pointed:
    """How a map fares with one part of the truth.

    Attributes:
        share: of its positive mass that lies on the part, in [0, 1]; 0 of a map without any.
        hit: whether its maximum does, the tolerance granted; of several equal maxima the share that
            does; 0 of a map without positive values.
        other: the share that lies where another clip has that part, or would have it: what a map
            gets that knows the benchmark but not the clip. None where no other is given.
    """

    share: float
    hit: float
    other: float | None = None


def pointed(
    cam: Explanation,
    inputs: ClipTensor,
    truth: Truth,
    *,
    other: Truth | None = None,
    tolerance: float = TOLERANCE,
) -> dict[Part, Pointed]:
    """Where a map points.

    Args:
        cam: `values` (time, row, column), raw and signed; its negative part points nowhere.
        inputs: what the network saw.
        truth: of the same pictures.
        other: of another clip's.
        tolerance: of the pointing game, as a share of the picture's side; a maximum is in the
            middle of its cell.
    """
    mass = per_pixel(cam, inputs)
    total = float(mass.sum(dtype=np.float64))
    others = {} if other is None else other.masks
    if total <= 0:
        return {part: Pointed(0.0, 0.0, 0.0 if part in others else None) for part in truth.masks}
    high, wide = inputs.pictures.shape[1:3]
    rows, columns = cam.values.shape[1:]
    t, y, x = np.nonzero(cam.values == cam.values.max())
    frames = nearest(inputs.seconds, to=cam.seconds)[t]
    middles = (2 * y + 1) * high // (2 * rows), (2 * x + 1) * wide // (2 * columns)
    return {
        part: Pointed(
            share=_mass_on(mask, mass) / total,
            hit=float((truth.distances[part][frames, *middles] <= tolerance).mean()),
            other=_mass_on(others[part], mass) / total if part in others else None,
        )
        for part, mask in truth.masks.items()
    }


def _mass_on(mask: Bool[np.ndarray, "t h w"], mass: Float32[np.ndarray, "t h w"]) -> float:
    return float(mass[mask].sum(dtype=np.float64))


Baseline = Literal["centre", "point", "uniform"]
BASELINES: tuple[Baseline, ...] = get_args(Baseline)
"""Maps that know nothing of the clip: a Gaussian at the centre of every frame, the centre alone,
and the same everywhere."""


def baseline_map(name: Baseline, inputs: ClipTensor) -> Explanation:
    """One of `BASELINES`, at every pixel that a network sees."""
    frames, high, wide = inputs.pictures.shape[:3]
    y, x = (np.abs(np.arange(n) + 0.5 - n / 2) / n for n in (high, wide))
    if name == "centre":
        y, x = (np.exp(-(away**2) / (2 * CENTRE_SIGMA**2)) for away in (y, x))
    elif name == "point":
        y, x = ((away == away.min()).astype(float) for away in (y, x))
    else:
        y, x = np.ones(high), np.ones(wide)
    values = np.outer(y, x).astype(np.float32)
    return Explanation(
        kind="cam",
        name=name,
        values=np.repeat(values[None], frames, axis=0),
        axes=("time", "row", "column"),
        unit="",
        bounds=None,
        signed=False,
        seconds=inputs.seconds,
        about={"method": name, "layer": "", "clip": inputs.digest},
    )
