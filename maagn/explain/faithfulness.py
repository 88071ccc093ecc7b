"""Is a map faithful: does the prediction depend on what the map marks?

Deletion and insertion of Petsiuk, Das and Saenko, "RISE" (2018), over the cells of a video's map;
and the sanity check of Adebayo et al., "Sanity Checks for Saliency Maps" (2018), all layers at
once: a map that stays the same with random weights shows nothing that was learned.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64, UInt8
from torch import Tensor

from maagn.checkpoint import Model
from maagn.explain.cam import cam, grad_from_stage
from maagn.explain.design import FULL, STEPS, Design, forwards
from maagn.explain.edits import without_detail
from maagn.explain.frames import FrameFeatures, logits_of, looks_by_frame
from maagn.explain.moments import nearest
from maagn.explain.randomised import randomised
from maagn.explain.verdict import Finding, judge, sentence
from maagn.inference import forward_clips, refuse_not_finite, trace
from maagn.types import Clip, Explanation, ForwardTrace

BATCH = 16
"""Clips a forward, where nothing else is asked for."""

Unit = Literal["cells", "frames"]

Score = Callable[[UInt8[np.ndarray, "n t h w 3"]], Float64[np.ndarray, " n"]]

Step = Callable[[int, int], None]
"""Called before each forward with how many are done, and of how many; may raise, to stop."""


def _silent(_done: int, _of: int) -> None:
    pass


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


def probability_of(
    model: Model, target: int, *, kept: Sequence[UInt8[np.ndarray, "t h w 3"]] = ()
) -> Score:
    """What a network gives one class, for several clips of pictures as it sees them.

    The score raises `NonFinitePrediction` where the network's numbers are not finite.

    Args:
        model: the network.
        target: the class.
        kept: clips whose frames come again and again; where the network looks at each frame by
            itself first, their features are worked out once.
    """
    network: Callable[[UInt8[np.ndarray, "n t h w 3"]], Float[Tensor, "n k"]]
    if kept and looks_by_frame(model):
        network = FrameFeatures(model, kept)
    else:
        network = lambda clips: logits_of(model, clips)  # noqa: E731

    def score(clips: UInt8[np.ndarray, "n t h w 3"]) -> Float64[np.ndarray, " n"]:
        logits = network(clips).cpu().double()
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
    batch: int = BATCH,
    known: Curves | None = None,
    whole: float | None = None,
    step: Step = _silent,
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
        batch: clips a forward.
        known: by the first of these orders, in steps that divide these; not asked about again.
        whole: the class's probability for the whole clip, where it is known.
        step: called before each forward.

    Raises:
        ValueError: an order does not fit the grid, or what is known does not fit the steps.
    """
    cells = int(np.prod(grid))
    if orders.shape[1] != cells:
        raise ValueError(f"a map of {grid} has {cells} cells, the orders have {orders.shape[1]}")
    taken = np.rint(np.linspace(0, cells, steps + 1)).astype(np.int64)
    # By order, step and way (deleted, inserted); NaN where the network has to be asked.
    found = np.full((len(orders), steps + 1, 2), np.nan)
    if known is not None:
        _take_over(found, known)
    if whole is not None:
        found[0, 0, 0] = whole
    between = ((row, at, way) for row in range(len(orders)) for at in range(1, steps) for way in _W)
    asked = [one for one in ((0, 0, 0), (0, steps, 0), *between) if np.isnan(found[one])]

    def clip(row: int, at: int, way: int) -> UInt8[np.ndarray, "t h w 3"]:
        first = _pixels(orders[row, : taken[at]], grid, frame_of, pictures.shape[1:3])
        return np.where(first, *((empty, pictures) if way == 0 else (pictures, empty)))

    forwards = range(0, len(asked), batch)
    for number, start in enumerate(forwards):
        step(number, len(forwards))
        some = asked[start : start + batch]
        found[tuple(zip(*some, strict=True))] = score(np.stack([clip(*one) for one in some]))
    found[:, 0, 0] = found[:, -1, 1] = found[0, 0, 0]
    found[:, -1, 0] = found[:, 0, 1] = found[0, -1, 0]
    return Curves(taken / cells, found[..., 0], found[..., 1])


_W = (0, 1)  # deleted, inserted


def _take_over(found: Float64[np.ndarray, "orders s 2"], known: Curves) -> None:
    """Write what is known into what is to be found.

    Raises:
        ValueError: it does not fit.
    """
    (rows, points), steps = known.deletion.shape, found.shape[1] - 1
    if rows > len(found) or steps % (points - 1):
        raise ValueError(
            f"{rows} orders in {points - 1} steps are no part of {len(found)} in {steps}"
        )
    every = steps // (points - 1)
    found[:rows, ::every, 0], found[:rows, ::every, 1] = known.deletion, known.insertion


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
    def design(self) -> Design:
        """How finely it was tested."""
        rows, points = self.curves.deletion.shape
        return Design(points - 1, rows - 2)

    @property
    def coarse(self) -> str:
        """How coarse a quick test is, for people; empty for a full one."""
        if self.design == FULL:
            return ""
        return f"quick: {self.design.steps} steps, {self.design.random} random orders"

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
        """The verdict on the map in one line, which says so of a quick test."""
        deletion, insertion = self.curves.deletion_areas, self.curves.insertion_areas
        return sentence(
            float(deletion[0]),
            float(insertion[0]),
            random_deletion=deletion[2:],
            random_insertion=insertion[2:],
            coarse=self.coarse,
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
    design: Design = FULL,
    coarse: Faithfulness | None = None,
    step: Step = _silent,
) -> Faithfulness:
    """Test the map of one class: 142 clips, and one run of random weights.

    Deletes in 8 steps, the strongest evidence first, by the map, by the map of random weights, and
    by 8 random orders; what is deleted becomes the blurred clip. The clips take 9 forwards, and as
    many more as a large network needs for forwards that are short.

    A quick test (`maagn.explain.design.quick`) has some of the steps and of the random orders. It
    takes the whole clip's probability from the run, so that every forward tells something new.

    Args:
        model: the network that was traced; it is only run.
        clip: the clip of the run.
        run: the trace.
        target: class whose probability is watched.
        method: of the map.
        layer: of the map.
        unit: cells of the map's grid in space and time, or whole frames of it.
        seed: of the random orders and the random weights.
        design: steps and random orders.
        coarse: a quick test of the very same map, which this one refines.
        step: called before each forward, with those done and those in all; may raise, to stop.

    Raises:
        ValueError: the quick test is of another unit, or no part of this design.
    """
    if coarse is not None and coarse.unit != unit:
        raise ValueError(f"a test by {coarse.unit} is no part of one by {unit}")
    total = forwards(model, design, coarse=None if coarse is None else coarse.design)
    if coarse is None:
        step(0, total)
        own = cam(model, run, target, method=method, layer=layer)
        step(0, total)
        fresh = randomised(model, seed=seed)
        blind_run = trace(fresh, clip, grad_from_stage=grad_from_stage(layer))
        step(1, total)
        blind = cam(fresh, blind_run, target, method=method, layer=layer)
    else:
        own, blind = coarse.cam, coarse.random_cam
    frames, rows, columns = own.values.shape
    grid = (frames, rows, columns) if unit == "cells" else (frames, 1, 1)
    known = [order_of(one, unit=unit, seed=seed) for one in (own, blind)]
    orders = np.stack([*known, *random_orders(design.random, of=int(np.prod(grid)), seed=seed)])

    pictures = run.clip.pictures
    empty = baseline(pictures)
    found = curves(
        probability_of(model, target, kept=(pictures, empty) if unit == "frames" else ()),
        pictures,
        empty,
        orders,
        grid=grid,
        frame_of=nearest(own.seconds, to=run.clip.seconds),
        steps=design.steps,
        batch=forward_clips(model),
        known=None if coarse is None else coarse.curves,
        whole=None if design == FULL else float(run.prediction.probabilities[target]),
        step=lambda done, of: step(total - of + done, total),
    )
    return Faithfulness(own, blind, found, unit)
