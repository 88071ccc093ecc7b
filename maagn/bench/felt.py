"""What a visitor waits for, before a change and after it: journeys in seconds, and their table."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Side:
    """One journey with one tree of the project.

    Attributes:
        median: seconds until what is waited for is seen.
        last: the 95th percentile of the same.
        cpu: median of the processors' seconds that the server and its decoders took.
        times: how often it was made.
    """

    median: float
    last: float
    cpu: float
    times: int

    @classmethod
    def of(cls, seconds: Sequence[float], cpu: Sequence[float]) -> "Side":
        """From one value a time."""
        median, last = np.quantile(seconds, (0.5, 0.95)).tolist()
        return cls(median, last, float(np.median(cpu)), len(seconds))


@dataclass(frozen=True)
class Journey:
    """What is waited for.

    Attributes:
        what: in words.
        before: with the tree before the change; None where none was measured beside it.
        after: with the tree as it is.
        change: from which page to which, where it is a change of page alone.
    """

    what: str
    before: Side | None
    after: Side
    change: tuple[str, str] | None = None


@dataclass(frozen=True)
class Felt:
    """All journeys of one measurement.

    Attributes:
        machine: as `maagn.bench.row.described` tells it.
        before: commit of the tree before the change; empty for none.
        after: commit of the other.
        journeys: in the order of the page.
    """

    machine: dict[str, str]
    before: str
    after: str
    journeys: tuple[Journey, ...]

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Felt":
        """What `as_dict` gave.

        Raises:
            KeyError: it is no such measurement.
            TypeError: the same.
        """
        journeys = tuple(_journey(one) for one in values["journeys"])
        return cls(dict(values["machine"]), values["before"], values["after"], journeys)

    def as_dict(self) -> dict[str, Any]:
        """For a file."""
        return asdict(self)

    def as_markdown(self) -> str:
        """Journeys down, before and after across; then the changes of page, from down, to across.

        Seconds; of the changes of page the median milliseconds.
        """
        lines = [
            "| from, until | median before, s | after | 95th percentile before | after "
            "| processors before | after | times |",
            f"|---|{'---:|' * 7}",
        ]
        lines += [_line(one) for one in self.journeys if one.change is None]
        changes = {one.change: one for one in self.journeys if one.change is not None}
        if changes:
            lines += ["", *_matrix(changes)]
        commits = f"after: {self.after}" + (f"; before: {self.before}" if self.before else "")
        return "\n".join(lines) + f"\n\nCommits: {commits}.\n"


def _journey(values: dict[str, Any]) -> Journey:
    before, change = values["before"], values["change"]
    return Journey(
        values["what"],
        None if before is None else Side(**before),
        Side(**values["after"]),
        None if change is None else (change[0], change[1]),
    )


def _line(journey: Journey) -> str:
    before, after = journey.before, journey.after
    cells = [
        cell
        for name in ("median", "last", "cpu")
        for cell in (
            "" if before is None else f"{getattr(before, name):.2f}",
            f"{getattr(after, name):.2f}",
        )
    ]
    return f"| {journey.what} | {' | '.join(cells)} | {after.times} |"


def _matrix(changes: dict[tuple[str, str], Journey]) -> list[str]:
    pages = list(dict.fromkeys(name for pair in changes for name in pair))
    lines = [f"| ms, from \\ to | {' | '.join(pages)} |", f"|---|{'---:|' * len(pages)}"]
    for start in pages:
        cells = (_cell(changes.get((start, end))) for end in pages)
        lines.append(f"| {start} | {' | '.join(cells)} |")
    return lines


def _cell(journey: Journey | None) -> str:
    if journey is None:
        return ""
    after = f"{1000 * journey.after.median:.0f}"
    return after if journey.before is None else f"{1000 * journey.before.median:.0f} → {after}"
