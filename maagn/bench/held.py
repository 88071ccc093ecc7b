"""Whether it is still as fast as a stored table says."""

from collections.abc import Callable, Mapping

from maagn.bench.row import Row
from maagn.bench.table import Table

WORSE = 0.25
"""The share by which a ratio may worsen."""


def slower(
    stored: Table,
    found: Mapping[str, tuple[Row, ...]],
    measure: Callable[[str], tuple[Row, ...]],
) -> list[str]:
    """A sentence for every row that is worse than stored twice over: once may be the machine.

    Args:
        stored: from another day; rows that it does not have are not looked at.
        found: rows by topic.
        measure: gives a topic's rows once more.
    """
    sentences = []
    for topic, rows in found.items():
        worse = Table({}, rows).worse_than(stored, by=WORSE)
        if worse:
            again = Table({}, measure(topic)).worse_than(stored, by=WORSE)
            sentences += [sentence for name, sentence in again.items() if name in worse]
    return sentences
