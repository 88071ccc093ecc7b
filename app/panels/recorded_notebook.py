"""The lines that give results in a notebook that an evaluation of the explorer's own found."""

from app.panels.notebook import quoted
from app.recorded import Recorded, Source
from maagn.evaluate.runner import RESULTS


def compare(results: Recorded, first: str, second: str) -> str:
    """Both networks' answers, the difference, and every class."""
    sources = [results.sources[name] for name in (first, second)]
    return "\n".join(
        [
            "from maagn.evaluate.compare import by_pair, gains, overall, table",
            *_imports(sources),
            "",
            f"first = {_answers(sources[0])}",
            f"second = {_answers(sources[1])}",
            "print(overall(first, second))",
            "print(table(gains(first, second)))",
            "print(table(by_pair(first, second)))",
        ]
    )


def confusion(results: Recorded, name: str) -> str:
    """A network's confusion matrix and its confused pairs."""
    source = results.sources[name]
    return "\n".join(
        [
            "from maagn.evaluate.metrics import confusion",
            "from maagn.evaluate.metrics import confused_pairs",
            *_imports([source]),
            "",
            f"predictions = {_answers(source)}",
            "print(confusion(predictions))",
            "for pair in confused_pairs(predictions):",
            "    print(pair.classes, pair.clips, pair.opposite, pair.preferred)",
        ]
    )


def _imports(sources: list[Source]) -> list[str]:
    found = ["from maagn.evaluate.results import read_results"]
    if any(source.evaluation for source in sources):
        found.append("from maagn.evaluate.runner import FOLDER  # see MAAGN_EVALUATIONS")
    return found


def _answers(source: Source) -> str:
    file = f"FOLDER / {quoted(source.evaluation)} / {quoted(RESULTS)}" if source.evaluation else ""
    return f"read_results({file}).of({quoted(source.model)})"
