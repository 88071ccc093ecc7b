"""Parts of the clips by their factors, and a search for those where a model errs most."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64, Int64
from scipy import stats

from maagn.data.measure import UNITS
from maagn.errors import SliceError
from maagn.evaluate.intervals import Share, share, wilson
from maagn.evaluate.predictions import Predictions
from maagn.io import atomic_write
from maagn.opposites.clip import OPPOSITES_LABELS, OppositeClip, draw_clip
from maagn.opposites.factors import factors
from maagn.opposites.split import Split


def write_factors(path: Path, clips: Iterable[OppositeClip]) -> None:
    """One row per clip, zstd; `split`, `clip` and `label` (a number) join it to the results."""
    frame = factor_table(clips)
    with atomic_write(path) as part:
        frame.to_parquet(part, compression="zstd", index=False)


def factor_table(clips: Iterable[OppositeClip]) -> pd.DataFrame:
    """One row per clip: `split`, `clip`, `label` (a number), the class `name`, then the factors."""
    rows = []
    for clip in clips:
        values = dict(factors(clip))
        key = {
            "split": values.pop("split"),
            "clip": values.pop("index"),
            "label": OPPOSITES_LABELS.index(clip.label),
            "name": values.pop("label"),
        }
        rows.append(key | values)
    return pd.DataFrame(rows)


def clips_of(predictions: Predictions) -> list[OppositeClip]:
    """The clips that a model was asked about."""
    split = cast(Split, predictions.split)
    keys = zip(predictions.truth.tolist(), predictions.clip.tolist(), strict=True)
    return [draw_clip(label, split=split, index=index) for label, index in keys]


Value = str | int | float | bool


@dataclass(frozen=True)
class Condition:
    """One factor's values: some of them, or a range; a clip without a value meets neither.

    Attributes:
        factor: column of the factors.
        values: any of these; empty for a range.
        low: lower end of the range, within it; None for no lower end.
        high: upper end, not within it; None for no upper end.

    Raises:
        SliceError: neither values nor a range, or both, or an empty range.
    """

    factor: str
    values: tuple[Value, ...] = ()
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        """Raise `SliceError` unless there are either values or a range that is not empty."""
        ranged = self.low is not None or self.high is not None
        if ranged == bool(self.values):
            raise SliceError(f"A condition on {self.factor} needs values or a range, not both.")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise SliceError(f"The range of {self.factor} is empty: {self.low:g} to {self.high:g}.")

    def rows(self, factors: pd.DataFrame) -> Bool[np.ndarray, " n"]:
        """Which clips it holds for.

        Raises:
            SliceError: there is no such factor, or it has no order to range over.
        """
        if self.factor not in factors:
            raise SliceError(f"The clips have no factor {self.factor!r}: choose another.")
        column = factors[self.factor]
        if self.values:
            kept: Bool[np.ndarray, " n"] = column.isin(list(self.values)).to_numpy(bool)
            return kept
        if not pd.api.types.is_numeric_dtype(column):
            raise SliceError(f"{self.factor} is no number: choose values of it, not a range.")
        numbers = _numbers(column)
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        return (numbers >= low) & (numbers < high)

    def __str__(self) -> str:
        if self.values:
            said = f"{self.factor} = {' or '.join(map(_said, self.values))}"
        elif self.low is None:
            said = f"{self.factor} < {self.high:.3g}"
        elif self.high is None:
            said = f"{self.factor} ≥ {self.low:.3g}"
        else:
            low, high = _told_apart(self.low, self.high)
            said = f"{low} ≤ {self.factor} < {high}"
        return f"{said} {UNITS[self.factor]}" if self.factor in UNITS else said


def _said(value: Value) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _told_apart(low: float, high: float | None) -> tuple[str, str]:
    """Both ends with three digits, or as many more as it takes for them to differ."""
    assert high is not None
    ends = ((f"{low:.{digits}g}", f"{high:.{digits}g}") for digits in range(3, 18))
    return next((one, other) for one, other in ends if one != other)


def _numbers(column: "pd.Series[Any]") -> Float64[np.ndarray, " n"]:
    """A column of numbers; NaN where a clip has none, or one that is infinite."""
    numbers: Float64[np.ndarray, " n"] = column.to_numpy(np.float64, na_value=np.nan)
    return np.where(np.isfinite(numbers), numbers, np.nan)


@dataclass(frozen=True)
class Slice:
    """The clips for which every condition holds; all clips without any."""

    conditions: tuple[Condition, ...] = ()

    def rows(self, factors: pd.DataFrame) -> Bool[np.ndarray, " n"]:
        """Which clips are in it.

        Raises:
            SliceError: a condition does not fit the factors.
        """
        kept = np.ones(len(factors), bool)
        for condition in self.conditions:
            kept &= condition.rows(factors)
        return kept

    def __str__(self) -> str:
        return " and ".join(map(str, self.conditions)) or "all clips"

    def as_json(self) -> str:
        """One line that `from_json` reads."""
        return json.dumps([_as_dict(condition) for condition in self.conditions])

    @classmethod
    def from_json(cls, text: str) -> "Slice":
        """The slice that was written.

        Raises:
            SliceError: the text is no query.
        """
        try:
            given: list[dict[str, Any]] = json.loads(text)
            if not isinstance(given, list):
                raise TypeError("not a list")
            return cls(tuple(map(_condition, given)))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise SliceError("This text holds no slice: save the slice again.") from error


def _as_dict(condition: Condition) -> dict[str, Any]:
    if condition.values:
        return {"factor": condition.factor, "values": list(condition.values)}
    return {"factor": condition.factor, "low": condition.low, "high": condition.high}


def _condition(given: dict[str, Any]) -> Condition:
    values = tuple(given.get("values", ()))
    ends = [None if given.get(end) is None else float(given[end]) for end in ("low", "high")]
    if not isinstance(given["factor"], str) or not all(isinstance(v, Value) for v in values):
        raise ValueError("not written by us")
    return Condition(given["factor"], values, *ends)


NOT_FACTORS = ("split", "clip", "label", "name", "opposite", "thing_name", "hand_name")
"""Columns that name a clip or its class, and do not describe it."""

_FEW = 8  # a numeric factor with no more values than this is taken by value
_BINS = 4  # parts of equally many clips that other numeric factors are cut into
_KEPT = 50  # slices that are returned at most
_FEWEST, _MOST = 5, 30  # clips that a slice must have in small sets and in large ones
_PART = 20  # a slice must have one clip in so many, between those two


def least_clips(clips: int) -> int:
    """How many clips a slice of so many must have at least: a twentieth, from 5 to 30."""
    return min(_MOST, max(_FEWEST, clips // _PART))


@dataclass(frozen=True)
class SliceRate:
    """How often a model errs in a slice, and in the rest of the clips.

    Attributes:
        slice: the query.
        inside: part of the slice's clips that are errors.
        outside: part of the rest's.
        p: Fisher's exact test, one-sided: errors at least as frequent in a slice of that size, if
            the slice had nothing to do with them. NaN where only one slice was looked at unasked.
        q: p after Benjamini and Hochberg (1995) for all slices that were looked at: of the slices
            with q under 0.05, about 5 % are expected to be chance.
    """

    slice: Slice
    inside: Share
    outside: Share
    p: float
    q: float

    @property
    def margin(self) -> float:
        """How far the lower end of the slice's interval lies over the rest's rate; the ranking."""
        return self.inside.low - self.outside.value


def rate(errors: Bool[np.ndarray, " n"], factors: pd.DataFrame, query: Slice) -> SliceRate:
    """One slice that was asked for: no correction, q is p.

    Raises:
        SliceError: the query does not fit the factors.
    """
    rows = query.rows(factors)
    inside, outside = share(errors[rows]), share(errors[~rows])
    p = float(_fisher(inside.hits, inside.trials, int(errors.sum()), len(errors)))
    return SliceRate(query, inside, outside, p, p)


def worst_slices(
    errors: Bool[np.ndarray, " n"],
    factors: pd.DataFrame,
    *,
    minimum: int | None = None,
    columns: Sequence[str] | None = None,
) -> list[SliceRate]:
    """Slices of one factor and of two, ranked by `SliceRate.margin`: the first fifty.

    All are counted in the correction, those that are not returned too. A clip without a value of a
    factor is in none of its slices, and among the rest of each. Values that fewer than `minimum`
    clips have make no slice, so a column with another value for every clip says nothing.

    Args:
        errors: which clips count as errors, one row per clip.
        factors: one row per clip, in the same order.
        minimum: clips that a slice, and the rest, must have at least; None is `least_clips`.
        columns: factors to look at; None for all that describe a clip.
    """
    minimum = least_clips(len(errors)) if minimum is None else minimum
    names = columns or [str(name) for name in factors if name not in NOT_FACTORS]
    cuts = [cut for name in names if (cut := _cut(factors[name], minimum))[1]]
    found = [_counted(parts, errors, minimum) for parts in _looks(cuts)]
    hits, trials, queries = (
        np.concatenate([one[0] for one in found] or [np.empty(0, np.int64)]),
        np.concatenate([one[1] for one in found] or [np.empty(0, np.int64)]),
        [query for one in found for query in one[2]],
    )
    if not queries:
        return []
    total, clips = int(errors.sum()), len(errors)
    p = _fisher(hits, trials, total, clips)
    q = stats.false_discovery_control(p)
    low = _wilson_low(hits, trials)
    order = np.argsort(-(low - (total - hits) / (clips - trials)), kind="stable")[:_KEPT]
    return [
        SliceRate(
            Slice(queries[i]),
            _share(int(hits[i]), int(trials[i])),
            _share(total - int(hits[i]), clips - int(trials[i])),
            float(p[i]),
            float(q[i]),
        )
        for i in order
    ]


Cut = tuple[Int64[np.ndarray, " n"], list[Condition]]
Counted = tuple[Int64[np.ndarray, " s"], Int64[np.ndarray, " s"], list[tuple[Condition, ...]]]


def _cut(column: "pd.Series[Any]", minimum: int) -> Cut:
    """Each clip's part of a factor by number, and what each part is; -1 of clips in none."""
    name = str(column.name)
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    numbers = _numbers(column) if numeric else np.empty(0)
    if numeric and len(np.unique(numbers[~np.isnan(numbers)])) > _FEW:
        edges = np.unique(np.nanquantile(numbers, np.linspace(0, 1, _BINS + 1)[1:-1]))
        ends = [None, *map(float, edges), None]
        codes = np.searchsorted(edges, numbers, side="right").astype(np.int64)
        parts = [Condition(name, low=a, high=b) for a, b in pairwise(ends)]
        return _large(np.where(np.isnan(numbers), -1, codes), parts, minimum)
    found, values = pd.factorize(column)
    known = [value.item() if hasattr(value, "item") else value for value in values]
    in_order = sorted(range(len(known)), key=lambda i: (isinstance(known[i], str), known[i]))
    codes = np.append(np.argsort(in_order), -1)[found].astype(np.int64)
    return _large(codes, [Condition(name, (known[i],)) for i in in_order], minimum)


def _large(codes: Int64[np.ndarray, " n"], parts: list[Condition], minimum: int) -> Cut:
    """The parts that enough clips are in, numbered anew."""
    clips = np.bincount(codes[codes >= 0], minlength=len(parts))
    kept = np.flatnonzero(clips >= minimum)
    numbers = np.full(len(parts) + 1, -1)  # the last for those that are in none
    numbers[kept] = np.arange(len(kept))
    return numbers[codes], [parts[i] for i in kept]


def _looks(cuts: list[Cut]) -> Iterator[Sequence[Cut]]:
    yield from ((cut,) for cut in cuts)
    yield from combinations(cuts, 2)


def _counted(parts: Sequence[Cut], errors: Bool[np.ndarray, " n"], minimum: int) -> Counted:
    """Errors and clips of every cell of the parts that is large enough."""
    sizes = [len(conditions) for _, conditions in parts]
    inside = np.all([codes >= 0 for codes, _ in parts], axis=0)
    cells = np.ravel_multi_index([codes[inside] for codes, _ in parts], sizes)
    clips = np.bincount(cells, minlength=int(np.prod(sizes)))
    hits = np.bincount(cells[errors[inside]], minlength=len(clips))
    large = (clips >= minimum) & (len(errors) - clips >= minimum)
    kept = np.flatnonzero(large & ~_repeats(clips.reshape(sizes), parts).ravel())
    places = np.unravel_index(kept, sizes)
    queries = [
        tuple(conditions[at[i]] for (_, conditions), at in zip(parts, places, strict=True))
        for i in range(len(kept))
    ]
    return hits[kept], clips[kept], queries


def _repeats(clips: Int64[np.ndarray, "..."], parts: Sequence[Cut]) -> Bool[np.ndarray, "..."]:
    """Cells of two factors that hold the very clips of one: the second factor says nothing new."""
    if clips.ndim < 2:
        return np.zeros(clips.shape, bool)
    rows, columns = (
        np.bincount(codes[codes >= 0], minlength=len(conditions)) for codes, conditions in parts
    )
    return (clips == rows[:, None]) | (clips == columns)


def _fisher(hits: Any, trials: Any, total: int, clips: int) -> Any:  # noqa: ANN401 - scipy's
    """Fisher's exact test, one-sided, is a tail of the hypergeometric distribution."""
    return stats.hypergeom.sf(np.asarray(hits) - 1, clips, total, trials)


def _wilson_low(
    hits: Int64[np.ndarray, " n"], trials: Int64[np.ndarray, " n"]
) -> Float64[np.ndarray, " n"]:
    return np.array([wilson(int(h), int(t))[0] for h, t in zip(hits, trials, strict=True)])


def _share(hits: int, trials: int) -> Share:
    low, high = wilson(hits, trials)
    return Share(hits / trials, low, high, hits, trials)
