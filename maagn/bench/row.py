"""One line of the table: what was compared, the ratio, and what was hoped for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

SHORT = " (short)"
"""How the names of rows of the short form end: small networks have ratios of their own."""


@dataclass(frozen=True)
class Row:
    """A ratio of two costs, measured beside each other.

    Attributes:
        name: short and lasting: what a stored table is compared by.
        what: in words, for people.
        ratio: median over the rounds of one cost over the other of the same round.
        low: the ratio's lower quartile over the rounds.
        high: its upper quartile.
        target: what it is meant to reach; None where it is only told.
        at_least: whether more is better; else less is.
        rounds: how many.
        parts: medians of what was divided, by name, in `unit`.
        unit: of the parts.
        note: what a reader has to know; may be empty.
    """

    name: str
    what: str
    ratio: float
    low: float
    high: float
    target: float | None = None
    at_least: bool = False
    rounds: int = 1
    parts: dict[str, float] = field(default_factory=dict)
    unit: str = "s"
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the target is; None without one."""
        if self.target is None:
            return None
        return self.ratio >= self.target if self.at_least else self.ratio <= self.target

    @property
    def short(self) -> bool:
        """Whether it was measured in the short form."""
        return self.name.endswith(SHORT)

    def as_short(self) -> "Row":
        """The same as a row of the short form: a name of its own, and no target."""
        name = self.name if self.short else self.name + SHORT
        return replace(self, name=name, target=None)

    def worse_than(self, stored: "Row", *, by: float) -> bool:
        """Whether it is worse than a stored one by more than that share."""
        if self.at_least:
            return self.ratio < stored.ratio / (1 + by)
        return self.ratio > stored.ratio * (1 + by)


def row(
    name: str,
    what: str,
    taken: Mapping[str, Sequence[float]],
    *,
    over: tuple[str | Sequence[str], str | Sequence[str]],
    target: float | None = None,
    at_least: bool = False,
    note: str = "",
) -> Row:
    """A row from costs that were taken in the same rounds.

    Args:
        name: as in `Row`.
        what: as in `Row`.
        taken: costs by name, one a round, as `interleaved` gives them.
        over: what is divided, and by what; several names are added up.
        target: as in `Row`.
        at_least: as in `Row`.
        note: as in `Row`.
    """
    above, below = (_sum(taken, names) for names in over)
    low, middle, high = np.quantile(above / below, (0.25, 0.5, 0.75))
    names = [name for side in over for name in ([side] if isinstance(side, str) else side)]
    parts = {name: float(np.median(taken[name])) for name in dict.fromkeys(names)}
    return Row(
        name, what, float(middle), float(low), float(high), target, at_least,
        rounds=len(above), parts=parts, note=note,
    )  # fmt: skip


def _sum(taken: Mapping[str, Sequence[float]], names: str | Sequence[str]) -> np.ndarray:
    several = [names] if isinstance(names, str) else names
    return np.sum([taken[name] for name in several], axis=0)
