"""Is a map faithful: does the prediction depend on what the map marks?

Deletion and insertion of Petsiuk, Das and Saenko, "RISE" (2018), over the cells of a video's map;
and the sanity check of Adebayo et al., "Sanity Checks for Saliency Maps" (2018), all layers at
once: a map that stays the same with random weights shows nothing that was learned.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from jaxtyping import Bool, Float, Float64, Int64, UInt8

from maagn.checkpoint import Model
from maagn.explain.cam import cam, grad_from_stage
from maagn.explain.edits import without_detail
from maagn.explain.moments import nearest
from maagn.inference import device_of, refuse_not_finite, trace
from maagn.nn.build import build
from maagn.types import Clip, Explanation, ForwardTrace
from maagn.video.transform import normalise

Finding = Literal["better", "partly", "none", "worse"]

RULE = (
    "Better than random: the area under the curve beats that of every random order, both when "
    "deleting (lower) and when inserting (higher). In part: on one of the two, and not behind "
    "every random order on the other. Worse: behind every random order on one, ahead on none."
)


def judge(
    deletion: float,
    insertion: float,
    *,
    random_deletion: Float64[np.ndarray, " n"],
    random_insertion: Float64[np.ndarray, " n"],
) -> Finding:
    """Areas under the curves of one map against those of random orders; `RULE` in code."""
    won = (deletion < random_deletion.min(), insertion > random_insertion.max())
    lost = (deletion > random_deletion.max(), insertion < random_insertion.min())
    if all(won):
        return "better"
    if any(won) and not any(lost):
        return "partly"
    return "worse" if any(lost) and not any(won) else "none"


def sentence(
    deletion: float,
    insertion: float,
    *,
    random_deletion: Float64[np.ndarray, " n"],
    random_insertion: Float64[np.ndarray, " n"],
) -> str:
    """The finding and the four areas that it rests on."""
    finding = judge(
        deletion, insertion, random_deletion=random_deletion, random_insertion=random_insertion
    )
    head = {
        "better": "Better than random on this clip",
        "partly": "In part better than random on this clip",
        "none": "No better than random on this clip",
        "worse": "Worse than random on this clip",
    }[finding]
    return (
        f"{head}: area under the deletion curve {deletion:.3f}, random "
        f"{random_deletion.min():.3f} to {random_deletion.max():.3f} (lower is better); insertion "
        f"{insertion:.3f}, random {random_insertion.min():.3f} to {random_insertion.max():.3f} "
        "(higher is better)."
    )


STEPS = 8
"""Steps from the whole clip to none of it."""

BATCH = 16
"""Clips a forward."""

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


def probability_of(model: Model, target: int) -> Score:
    """What a network gives one class, for several clips of pictures as it sees them.

    The score raises `NonFinitePrediction` where the network's numbers are not finite.
    """

    def score(clips: UInt8[np.ndarray, "n t h w 3"]) -> Float64[np.ndarray, " n"]:
        data = normalise(clips, model.transform).to(device_of(model))
        with torch.inference_mode():
            logits = model.network(data).double().cpu()
        refuse_not_finite(model, logits.numpy())
        return logits.softmax(dim=1)[:, target].numpy()

    return score


def baseline(pictures: UInt8[np.ndarray, "t h w 3"]) -> UInt8[np.ndarray, "t h w 3"]:
    """The clip without detail: every frame blurred, so that nothing new comes in."""
    return np.stack([without_detail(picture) for picture in pictures])


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


LAYERS = (
    "every layer, as before training: convolutions and classifiers drawn anew; what begins at a "
    "fixed value (normalisation, identities, the gates' alpha) back at it"
)
"""What is new in the network of `randomised`."""


def randomised(model: Model, *, seed: int = 0) -> Model:
    """The same architecture with fresh weights; the given network is not touched, nor copied.

    The gates' alpha begins at 0, as before training.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build(model.spec)
    network = network.eval().requires_grad_(False).to(device_of(model))
    name = f"{model.name}, random weights"
    return replace(model, name=name, digest=f"{model.digest}-random-{seed}", network=network)


RANDOM = 8
"""Random orders: a map that knows nothing beats all of them in one of nine cases."""

BASELINE = "the clip itself, each frame blurred until no object keeps its shape"


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """How one map fares.

    Attributes:
        cam: the map that was tested.
        random_cam: the map of the same network with random weights.
        curves: row 0 by the map, row 1 by the map of random weights, the rest by random orders.
        unit: what is deleted at a time.
    """

    cam: Explanation
    random_cam: Explanation
    curves: Curves
    unit: Unit

    @property
    def finding(self) -> Finding:
        """The verdict on the map."""
        return self._judged(0)

    @property
    def random_finding(self) -> Finding:
        """The verdict on the map of random weights: a good method's should be no better."""
        return self._judged(1)

    @property
    def verdict(self) -> str:
        """The verdict on the map in one line."""
        deletion, insertion = self.curves.deletion_areas, self.curves.insertion_areas
        return sentence(
            float(deletion[0]),
            float(insertion[0]),
            random_deletion=deletion[2:],
            random_insertion=insertion[2:],
        )

    @property
    def alike(self) -> float:
        """Cosine similarity of the map and that of random weights; near 1 is a bad sign."""
        return cosine(self.cam.values, self.random_cam.values)

    def _judged(self, row: int) -> Finding:
        deletion, insertion = self.curves.deletion_areas, self.curves.insertion_areas
        return judge(
            float(deletion[row]),
            float(insertion[row]),
            random_deletion=deletion[2:],
            random_insertion=insertion[2:],
        )


def faithfulness(
    model: Model,
    clip: Clip,
    run: ForwardTrace,
    *,
    target: int,
    method: str,
    layer: str,
    unit: Unit = "cells",
    seed: int = 0,
) -> Faithfulness:
    """Test the map of one class: 142 clips in 9 forwards, and one run of random weights.

    Deletes in 8 steps, the strongest evidence first, by the map, by the map of random weights, and
    by 8 random orders; what is deleted becomes the blurred clip.

    Args:
        model: the network that was traced; it is only run.
        clip: the clip of the run.
        run: the trace.
        target: class whose probability is watched.
        method: of the map.
        layer: of the map.
        unit: cells of the map's grid in space and time, or whole frames of it.
        seed: of the random orders and the random weights.
    """
    own = cam(model, run, target, method=method, layer=layer)
    fresh = randomised(model, seed=seed)
    blind = cam(
        fresh,
        trace(fresh, clip, grad_from_stage=grad_from_stage(layer)),
        target,
        method=method,
        layer=layer,
    )
    frames, rows, columns = own.values.shape
    grid = (frames, rows, columns) if unit == "cells" else (frames, 1, 1)
    known = [order_of(one, unit=unit, seed=seed) for one in (own, blind)]
    orders = np.stack([*known, *random_orders(RANDOM, of=int(np.prod(grid)), seed=seed)])

    pictures = run.clip.pictures
    found = curves(
        probability_of(model, target),
        pictures,
        baseline(pictures),
        orders,
        grid=grid,
        frame_of=nearest(own.seconds, to=run.clip.seconds),
    )
    return Faithfulness(own, blind, found, unit)
