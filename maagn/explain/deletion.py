"""How fast does an answer fall when the evidence goes, and rise when it comes back?

Deletion and insertion of Petsiuk, Das and Saenko, "RISE", 2018, over the cells of a video's map.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from jaxtyping import Bool, Float, Float64, Int64, UInt8

from maagn.types import Explanation

STEPS = 8
"""Steps from the whole clip to none of it."""

BATCH = 16
"""Clips a forward."""

BLUR = 0.12
"""Standard deviation of the baseline's blur, as a share of the frame's width."""

Unit = Literal["cells", "frames"]

Score = Callable[[UInt8[np.ndarray, "n t h w 3"]], Float64[np.ndarray, " n"]]


@dataclass(frozen=True, eq=False)
class Curves:
    """What was answered on the way, a row an order.

    Attributes:
        shares: share of the clip that is deleted, or inserted, at each step, 0 to 1.
        deletion: the class's probability while the clip goes to the baseline.
        insertion: while the baseline goes to the clip.
    """

    shares: Float64[np.ndarray, " s"]
    deletion: Float64[np.ndarray, "orders s"]
    insertion: Float64[np.ndarray, "orders s"]

    @property
    def deletion_areas(self) -> Float64[np.ndarray, " orders"]:
        """Area under each deletion curve, by the trapezoid rule; low is faithful."""
        return np.trapezoid(self.deletion, self.shares, axis=1)

    @property
    def insertion_areas(self) -> Float64[np.ndarray, " orders"]:
        """Area under each insertion curve; high is faithful."""
        return np.trapezoid(self.insertion, self.shares, axis=1)


def baseline(pictures: UInt8[np.ndarray, "t h w 3"]) -> UInt8[np.ndarray, "t h w 3"]:
    """The clip without detail: every frame blurred, so that nothing new comes in."""
    sigma = BLUR * pictures.shape[2]
    return np.stack([cv2.GaussianBlur(one, (0, 0), sigmaX=sigma) for one in pictures])


def order_of(cam: Explanation, *, unit: Unit, seed: int = 0) -> Int64[np.ndarray, " n"]:
    """Cells of a map, or its frames, the strongest evidence first; equal ones in random order.

    Cells are counted through time, rows, columns. A frame's evidence is the mean of its positive
    values.
    """
    values = cam.values if unit == "cells" else np.maximum(cam.values, 0).mean(axis=(1, 2))
    flat = values.reshape(-1)
    ties = np.random.default_rng(seed).random(len(flat))
    return np.lexsort((ties, -flat))


def random_orders(count: int, *, of: int, seed: int = 0) -> Int64[np.ndarray, "count n"]:
    """Orders that know nothing of the map; the same for the same seed."""
    noise = np.random.default_rng(seed)
    return np.stack([noise.permutation(of) for _ in range(count)])


def curves(
    score: Score,
    pictures: UInt8[np.ndarray, "t h w 3"],
    empty: UInt8[np.ndarray, "t h w 3"],
    orders: Int64[np.ndarray, "orders n"],
    *,
    grid: tuple[int, int, int],
    frame_of: Int64[np.ndarray, " t"],
    steps: int = STEPS,
) -> Curves:
    """Delete and insert by several orders, all in as few forwards as batches allow.

    The whole clip and the whole baseline are asked about once, for all orders.

    Args:
        score: the class's probability for several clips.
        pictures: what the network sees.
        empty: what stands where the clip is deleted.
        orders: each a permutation of the grid's cells.
        grid: frames, rows and columns of the map; (frames, 1, 1) for whole frames.
        frame_of: which of the map's frames covers each picture.
        steps: from whole to empty.

    Raises:
        ValueError: an order does not fit the grid.
    """
    cells = int(np.prod(grid))
    if orders.shape[1] != cells:
        raise ValueError(f"a map of {grid} has {cells} cells, the orders have {orders.shape[1]}")
    taken = np.rint(np.linspace(0, cells, steps + 1)).astype(np.int64)
    clips = [pictures, empty]
    for order in orders:
        for count in taken[1:-1]:
            first = _pixels(order[:count], grid, frame_of, pictures.shape[1:3])
            clips.append(np.where(first, empty, pictures))
            clips.append(np.where(first, pictures, empty))
    found = _batched(score, clips)
    whole, none = found[:2]
    between = found[2:].reshape(len(orders), steps - 1, 2)
    ends = np.ones((len(orders), 1))
    return Curves(
        taken / cells,
        np.hstack([whole * ends, between[..., 0], none * ends]),
        np.hstack([none * ends, between[..., 1], whole * ends]),
    )


def _batched(score: Score, clips: list[UInt8[np.ndarray, "t h w 3"]]) -> Float64[np.ndarray, " n"]:
    starts = range(0, len(clips), BATCH)
    return np.concatenate([score(np.stack(clips[at : at + BATCH])) for at in starts])


def _pixels(
    chosen: Int64[np.ndarray, " n"],
    grid: tuple[int, int, int],
    frame_of: Int64[np.ndarray, " t"],
    size: tuple[int, ...],
) -> Bool[np.ndarray, "t h w 1"]:
    """Which pixels the chosen cells cover."""
    mask = np.zeros(grid, dtype=bool).reshape(-1)
    mask[chosen] = True
    rows = np.arange(size[0]) * grid[1] // size[0]
    columns = np.arange(size[1]) * grid[2] // size[1]
    return mask.reshape(grid)[frame_of][:, rows][:, :, columns][..., None]


def cosine(a: Float[np.ndarray, "*place"], b: Float[np.ndarray, "*place"]) -> float:
    """How alike two maps are, whatever their scale: 1 the same, 0 unrelated, -1 opposite.

    0 where one of them is zero everywhere.
    """
    x, y = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    sizes = np.linalg.norm(x) * np.linalg.norm(y)
    return float(x @ y / sizes) if sizes > 0 else 0.0
