"""Two networks, a pair of opposites at a time."""

from app import exhibit
from app.panels.compare_choice import Duel
from app.panels.compare_overall import LEVEL
from app.panels.compare_table import COLUMNS, readable
from maagn.evaluate.compare import by_pair, table


def show(duel: Duel) -> None:
    """A row a pair, with McNemar's test."""
    rows = table(by_pair(duel.first.answers, duel.second.answers))
    rows = rows[rows["clips"] > 0]
    exhibit.table(
        readable(rows, duel, what="pair of opposites"),
        key="pairs",
        title="Pairs of opposites",
        column_config=COLUMNS,
        height="content",
    )
    expected = round(LEVEL * len(rows))
    exhibit.words(
        f"n: clips of both classes. Were the networks equally good, about {max(expected, 1)} of "
        f"{len(rows)} such tests would fall under p = {LEVEL:g} by chance.",
        key="pairs-note",
    )
