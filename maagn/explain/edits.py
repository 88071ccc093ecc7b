"""What would a network predict for edited frames, and which fewest frames decide it?"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations, islice

import cv2
import numpy as np
import torch
from jaxtyping import UInt8

from maagn.checkpoint import Model
from maagn.inference import device_of, forward_clips, to_prediction
from maagn.types import ClipTensor, Prediction
from maagn.video.transform import normalise

BLUR = 0.12
"""Of a frame's width: one standard deviation of the blur in which no object keeps its shape."""


@dataclass(frozen=True)
class Region:
    """A rectangle of the frame, in shares of its width and height, [0, 1]."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        """Raise `ValueError` if the rectangle leaves the frame or has no area."""
        inside = all(0 <= x <= 1 for x in (self.left, self.top, self.right, self.bottom))
        if not inside or self.left >= self.right or self.top >= self.bottom:
            raise ValueError(f"a region lies in the frame and has a size, got {self}")


@dataclass(frozen=True)
class Edit:
    """What is shown instead of the sampled frames.

    Attributes:
        order: which of the sampled frames stands in each place; every edit in time is one.
        mirrored: left and right exchanged.
        blurred: a region without detail.
        where: places whose region is blurred, from 0; empty for all.
    """

    order: tuple[int, ...]
    mirrored: bool = False
    blurred: Region | None = None
    where: tuple[int, ...] = ()


def reverse(frames: int) -> tuple[int, ...]:
    """Indices of all frames, last frame first."""
    return tuple(range(frames))[::-1]


def shuffle(frames: int, *, seed: int = 0) -> tuple[int, ...]:
    """A random order, the same for the same seed, and never the frames' own."""
    noise = np.random.default_rng(seed)
    while True:
        order = tuple(noise.permutation(frames).tolist())
        if order != tuple(range(frames)):
            return order


def freeze(frames: int, *, at: int) -> tuple[int, ...]:
    """Indices that repeat one frame: a still clip."""
    return (at,) * frames


def swap_halves(frames: int) -> tuple[int, ...]:
    """The second half first: what SDM subtracts changes its sign."""
    half = frames // 2
    return (*range(half, frames), *range(half))


def drop(frames: int, *, gone: frozenset[int]) -> tuple[int, ...]:
    """Each frame of `gone` replaced by the nearest that is left, the earlier of two as near.

    Raises:
        ValueError: nothing would be left.
    """
    kept = [frame for frame in range(frames) if frame not in gone]
    if not kept:
        raise ValueError("at least one frame must be left")
    return tuple(min(kept, key=lambda one: (abs(one - frame), one)) for frame in range(frames))


def speed(frames: int, *, factor: float) -> tuple[int, ...]:
    """The middle of the clip at another pace, from the frames that were sampled.

    At 2 the clip's whole time passes in the first half, and the last frame stands; at 0.5 the first
    half of the clip fills all places.

    Raises:
        ValueError: the factor is not above 0.
    """
    if factor <= 0:
        raise ValueError(f"the speed must be above 0, got {factor}")
    return tuple(min(frames - 1, int(place * factor + 1e-9)) for place in range(frames))


def edited(pictures: UInt8[np.ndarray, "t h w 3"], edit: Edit) -> UInt8[np.ndarray, "t h w 3"]:
    """The frames that an edit shows."""
    shown = pictures[list(edit.order)]
    if edit.mirrored:
        shown = shown[:, :, ::-1]
    if edit.blurred is not None:
        places = edit.where or range(len(shown))
        shown = np.stack(
            [_blurred(one, edit.blurred) if i in places else one for i, one in enumerate(shown)]
        )
    return np.ascontiguousarray(shown)


def ask(model: Model, inputs: ClipTensor, edits: tuple[Edit, ...]) -> list[Prediction]:
    """The answers about several edits of one clip, in one forward."""
    data = torch.cat([normalise(edited(inputs.pictures, e)[None], model.transform) for e in edits])
    with torch.inference_mode():
        logits = model.network(data.to(device_of(model)))
    return [to_prediction(model, logit[None], None) for logit in logits]


def edited_inputs(model: Model, inputs: ClipTensor, edit: Edit) -> ClipTensor:
    """An edited clip as a network sees it; times stay those of the places."""
    pictures = edited(inputs.pictures, edit)
    return replace(inputs, data=normalise(pictures[None], model.transform), pictures=pictures)


def without_detail(picture: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 3"]:
    """The picture blurred so far that nothing can be told from it, and nothing new comes in."""
    sigma = BLUR * picture.shape[1]
    return cv2.GaussianBlur(np.ascontiguousarray(picture), (0, 0), sigmaX=sigma)


def _blurred(picture: UInt8[np.ndarray, "h w 3"], region: Region) -> UInt8[np.ndarray, "h w 3"]:
    height, width = picture.shape[:2]
    rows = slice(int(region.top * height), max(int(region.bottom * height), 1))
    columns = slice(int(region.left * width), max(int(region.right * width), 1))
    soft = without_detail(picture)
    out = picture.copy()
    out[rows, columns] = soft[rows, columns]
    return out


@dataclass(frozen=True, eq=False)
class MinimalCounterfactual:
    """A set of frames that decides.

    Attributes:
        gone: the frames that were dropped, from 0.
        answer: what the network says without them.
        tried: sets that were tried.
    """

    gone: tuple[int, ...]
    answer: Prediction
    tried: int


def minimal_counterfactual(
    model: Model, inputs: ClipTensor, *, step: Callable[[int], None] = lambda _tried: None
) -> MinimalCounterfactual | None:
    """The smallest set whose dropping changes the most probable class; None where there is none.

    Exact: all sets of one frame, then of two, and so on; of those of the first size that flips, the
    one after which the first answer is least probable.

    Args:
        model: the network.
        inputs: the sampled frames.
        step: called before each forward with the sets that were tried; may raise, to stop.
    """
    frames, batch = len(inputs.pictures), forward_clips(model)
    own = ask(model, inputs, (Edit(tuple(range(frames))),))[0].best
    tried = 0
    for size in range(1, frames):
        flips = []
        sets = combinations(range(frames), size)
        while some := tuple(islice(sets, batch)):
            step(tried)
            edits = tuple(Edit(drop(frames, gone=frozenset(gone))) for gone in some)
            found = zip(some, ask(model, inputs, edits), strict=True)
            flips += [(gone, answer) for gone, answer in found if answer.best != own]
            tried += len(some)
        if flips:
            gone, answer = min(flips, key=lambda one: one[1].probabilities[own])
            return MinimalCounterfactual(gone, answer, tried)
    return None
