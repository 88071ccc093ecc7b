"""The lines that give the comparison in a notebook."""

from app.panels.compare_choice import Duel
from app.panels.notebook import quoted


def compare(duel: Duel) -> str:
    """Both networks' answers on record, the difference, and every class."""
    return (
        "from maagn.evaluate.compare import by_pair, gains, overall, table\n"
        "from maagn.evaluate.results import read_results\n"
        "results = read_results()\n"
        f"first, second = results.of({quoted(duel.first.answers.model)}), "
        f"results.of({quoted(duel.second.answers.model)})\n"
        "print(overall(first, second))\n"
        "print(table(gains(first, second)))\n"
        "print(table(by_pair(first, second)))"
    )
