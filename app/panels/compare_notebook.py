"""The lines that give the comparison in a notebook."""

from app.panels.compare_choice import Duel
from app.panels.notebook import lines, list_of


def compare(duel: Duel) -> str:
    """Both networks' answers on record, the difference, and every class."""
    names = [duel.first.answers.model, duel.second.answers.model]
    script = lines(
        "results = read_results()\n"
        f"first, second = (results.of(name) for name in {list_of(names)})\n"
        "print(overall(first, second))\n"
        "print(table(gains(first, second)))\n"
        "print(table(by_pair(first, second)))",
        imports=[
            "from maagn.evaluate.compare import by_pair, gains, overall, table",
            "from maagn.evaluate.results import read_results",
        ],
    )
    return str(script)
