"""What one device does: figures of networks in their units, not ratios, and their tables."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

TITLES = {"asked": "Asking", "trained": "Training", "parity": "Agreement with the CPU"}
"""Of the tables, by topic."""


@dataclass(frozen=True)
class Figure:
    """One number about one network.

    Attributes:
        topic: of `TITLES`.
        network: name of its preset.
        what: that was measured, with its unit; a column of the topic's table.
        value: the median over the rounds; None where there is none.
        low: its lower quartile.
        high: its upper quartile.
        note: why there is no value; may be empty.
    """

    topic: str
    network: str
    what: str
    value: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""

    @classmethod
    def of(cls, topic: str, network: str, what: str, values: Iterable[float]) -> "Figure":
        """A figure from one value a round."""
        low, middle, high = np.quantile(list(values), (0.25, 0.5, 0.75)).tolist()
        return cls(topic, network, what, middle, low, high)

    def __str__(self) -> str:
        """As it stands in a table."""
        if self.value is None:
            return self.note
        return f"{self.value:,.0f}" if self.value >= 100 else f"{self.value:.3g}"


@dataclass(frozen=True)
class DeviceTable:
    """What was measured on one device.

    Attributes:
        machine: as `maagn.bench.row.described` tells it, and the `device`.
        figures: in the order in which they were measured.
    """

    machine: dict[str, str]
    figures: tuple[Figure, ...]

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "DeviceTable":
        """What `as_dict` gave.

        Raises:
            KeyError: it is no such table.
            TypeError: the same.
        """
        return cls(dict(values["machine"]), tuple(Figure(**one) for one in values["figures"]))

    def as_dict(self) -> dict[str, Any]:
        """For a file."""
        return {"machine": self.machine, "figures": [asdict(one) for one in self.figures]}

    def as_markdown(self) -> str:
        """A table for each topic: networks down, what was measured across."""
        parts = []
        for topic, title in TITLES.items():
            own = [one for one in self.figures if one.topic == topic]
            if own:
                parts.append(f"**{title}**\n\n{_table(own)}")
        return "\n".join(parts)


def _table(figures: list[Figure]) -> str:
    columns = list(dict.fromkeys(one.what for one in figures))
    found = {(one.network, one.what): str(one) for one in figures}
    lines = [f"| network | {' | '.join(columns)} |", f"|---|{'---:|' * len(columns)}"]
    lines += [
        f"| {network} | {' | '.join(found.get((network, what), '') for what in columns)} |"
        for network in dict.fromkeys(one.network for one in figures)
    ]
    return "\n".join(lines) + "\n"
