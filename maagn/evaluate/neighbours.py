"""Which clips lie near each other in what a network's classifiers read of them.

Features are standardised, so that each path of a network counts by its number of features and not
by their size, and reduced to their principal components (Pearson 1901): the first two are a map,
some more of them are what distances are measured in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int64
from numpy.typing import NDArray

COMPONENTS = 32  # that distances are measured in
NEAREST = 10  # neighbours of a clip
_ROWS = 2_048  # of the features, that are made single precision at a time
_LIVE = 1e-6  # of the largest deviation: a feature that varies less is constant but for rounding

Step = Callable[[float], None]
"""Takes the part that is done, in [0, 1]; may raise, to stop."""


@dataclass(frozen=True, eq=False)
class ReducedFeatures:
    """Clips by their principal components, the largest first.

    Attributes:
        vectors: of each clip, centred.
        explained: each component's share of the variance of the standardised features, in [0, 1].
    """

    vectors: Float32[np.ndarray, "n d"]
    explained: Float64[np.ndarray, " d"]

    @property
    def plane(self) -> Float32[np.ndarray, "n 2"]:
        """Places on a map: the first two components, zeros where there are fewer."""
        plane = np.zeros((len(self.vectors), 2), np.float32)
        plane[:, : self.vectors.shape[1]] = self.vectors[:, :2]
        return plane


def reduce_features(
    features: Float[np.ndarray, "n e"],
    components: int = COMPONENTS,
    *,
    step: Step = lambda _part: None,
) -> ReducedFeatures:
    """Principal components of standardised features, of which constant ones are left out.

    The features themselves are never copied whole. Of each component the feature with the largest
    weight counts as positive, so that equal features give equal signs.

    Args:
        features: of each clip, of any precision; finite.
        components: kept at most; fewer where clips or features are.
        step: told how far it is.
    """
    from scipy.sparse.linalg import eigsh  # takes a while to import

    n, width = features.shape
    mean = np.zeros(width)
    for _, some in _chunks(features):
        mean += some.sum(axis=0, dtype=np.float64)
    mean /= max(n, 1)
    products = np.zeros((width, width))
    for done, some in _chunks(features):
        centred = some - mean.astype(np.float32)
        products += centred.T @ centred
        step(0.7 * done / n)
    deviation = np.sqrt(products.diagonal() / max(n, 1))
    live = np.flatnonzero(deviation > _LIVE * deviation.max(initial=0))
    kept = min(components, len(live), max(n - 1, 0))
    if not kept:
        return ReducedFeatures(np.zeros((n, 0), np.float32), np.zeros(0))
    correlation = products[np.ix_(live, live)] / n
    correlation /= np.outer(deviation[live], deviation[live])
    if kept < len(live) // 4:
        values, vectors = eigsh(correlation, k=kept, which="LA", v0=np.ones(len(live)))
    else:
        values, vectors = np.linalg.eigh(correlation)
    largest = np.argsort(-values, kind="stable")[:kept]
    axes = _signed(vectors[:, largest])
    step(0.9)
    weights = np.zeros((width, kept), np.float32)
    weights[live] = axes / deviation[live, None]
    reduced = np.empty((n, kept), np.float32)
    for done, some in _chunks(features):
        reduced[done - len(some) : done] = (some - mean.astype(np.float32)) @ weights
    step(1.0)
    return ReducedFeatures(reduced, np.clip(values[largest], 0, None) / len(live))


def _chunks(features: NDArray[np.floating]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Some rows at a time in single precision, and how many there were with these."""
    for start in range(0, len(features), _ROWS):
        some = features[start : start + _ROWS].astype(np.float32)
        yield start + len(some), some


def _signed(axes: Float64[np.ndarray, "e d"]) -> Float64[np.ndarray, "e d"]:
    strongest = np.abs(axes).argmax(axis=0)
    return axes * np.where(axes[strongest, np.arange(axes.shape[1])] < 0, -1.0, 1.0)


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest other clips of each of some clips, nearest first.

    Attributes:
        rows: their numbers.
        distances: Euclidean, in the reduced features.
    """

    rows: Int64[np.ndarray, "m k"]
    distances: Float32[np.ndarray, "m k"]


_GROUPS = 64  # columns of which only the best is looked at first
_BLOCK = 64  # clips whose distances to all others are held at a time


def nearest(
    vectors: Float32[np.ndarray, "n d"],
    rows: Int64[np.ndarray, " m"] | None = None,
    *,
    k: int = NEAREST,
    step: Step = lambda _part: None,
) -> Neighbours:
    """The clips that lie nearest to some clips, exactly; each clip itself is left out.

    The k nearest are among the members of the k groups with the nearest best member: the others are
    never sorted.

    Args:
        vectors: of all clips.
        rows: whose neighbours; None for all.
        k: neighbours; fewer where there are no more clips.
        step: told how far it is.
    """
    n, width = vectors.shape
    k = max(min(k, n - 1), 0)
    asked = np.arange(n) if rows is None else rows
    found = np.empty((len(asked), k), np.int64)
    distances = np.empty((len(asked), k), np.float32)
    groups = -(-n // _GROUPS)
    # x . y - |y|^2 / 2 grows as the distance falls; the last row of `others` is the second term.
    others = np.zeros((width + 1, groups * _GROUPS), np.float32)
    others[:width, :n] = vectors.T
    others[width] = -np.inf
    others[width, :n] = -(vectors**2).sum(axis=1) / 2
    for start in range(0, len(asked), _BLOCK) if k else ():
        block = asked[start : start + _BLOCK]
        own = np.column_stack([vectors[block], np.ones(len(block), np.float32)])
        closeness = own @ others
        closeness[np.arange(len(block)), block] = -np.inf
        best = closeness.reshape(len(block), _GROUPS, groups).max(axis=1)
        chosen = _largest(best, k)
        members = chosen[:, None, :] + groups * np.arange(_GROUPS)[:, None]
        candidates = np.sort(members.reshape(len(block), -1), axis=1)
        near = np.take_along_axis(
            candidates, _largest(np.take_along_axis(closeness, candidates, axis=1), k), axis=1
        )
        far = np.linalg.norm(vectors[near] - vectors[block][:, None], axis=2)
        order = np.lexsort((near, far), axis=1)
        found[start : start + len(block)] = np.take_along_axis(near, order, axis=1)
        distances[start : start + len(block)] = np.take_along_axis(far, order, axis=1)
        step((start + len(block)) / len(asked))
    return Neighbours(found, distances)


def _largest(values: Float32[np.ndarray, "m n"], k: int) -> Int64[np.ndarray, "m _k"]:
    """Places of the k largest of each row, in any order; all where there are no more."""
    if values.shape[1] <= k:
        return np.broadcast_to(np.arange(values.shape[1]), values.shape)
    return np.argpartition(-values, k - 1, axis=1)[:, :k]


def opposite_share(
    neighbours: Neighbours,
    truth: Int64[np.ndarray, " n"],
    opposites: Int64[np.ndarray, " c"],
    rows: Int64[np.ndarray, " m"] | None = None,
) -> Float64[np.ndarray, " m"]:
    """How many of a clip's neighbours are of the opposite of its class, in [0, 1].

    Args:
        neighbours: of these clips.
        truth: class of each clip there is.
        opposites: of each class, -1 where it has none.
        rows: whose neighbours they are; None for all.
    """
    own = opposites[truth if rows is None else truth[rows]]
    if not neighbours.rows.shape[1]:
        return np.zeros(len(own))
    return ((truth[neighbours.rows] == own[:, None]) & (own >= 0)[:, None]).mean(axis=1)


def among_opposite(share: Float64[np.ndarray, " m"]) -> Bool[np.ndarray, " m"]:
    """Clips that lie among their opposite's: more than half of their neighbours are.

    Fewer are of their own class then.
    """
    return share > 0.5
