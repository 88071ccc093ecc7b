"""Parts of the clips that are asked for by their factors: a slice is a query, and filters."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool

from maagn.errors import MaagnError

Value = str | int | bool


class SliceError(MaagnError):
    """A query that does not fit the clips' factors."""


@dataclass(frozen=True)
class Condition:
    """One factor's values: some of them, or a range.

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
        """Hold what `rows` relies on."""
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
        numbers = column.to_numpy(np.float64)
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        return (numbers >= low) & (numbers < high)

    def __str__(self) -> str:
        if self.values:
            return f"{self.factor} = {' or '.join(map(str, self.values))}"
        if self.low is None:
            return f"{self.factor} < {self.high:.3g}"
        if self.high is None:
            return f"{self.factor} ≥ {self.low:.3g}"
        return f"{self.low:.3g} ≤ {self.factor} < {self.high:.3g}"


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
        return json.dumps([_as_dict(one) for one in self.conditions])

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


def _as_dict(one: Condition) -> dict[str, Any]:
    if one.values:
        return {"factor": one.factor, "values": list(one.values)}
    return {"factor": one.factor, "low": one.low, "high": one.high}


def _condition(given: dict[str, Any]) -> Condition:
    values = tuple(given.get("values", ()))
    ends = [None if given.get(end) is None else float(given[end]) for end in ("low", "high")]
    if not isinstance(given["factor"], str) or not all(isinstance(v, Value) for v in values):
        raise ValueError("not written by us")
    return Condition(given["factor"], values, *ends)
