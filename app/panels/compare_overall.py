"""Which of two networks is right more often, over all clips."""

from app import exhibit
from app.panels.compare_choice import Duel, Side
from maagn.evaluate.compare import McNemar, overall
from maagn.evaluate.intervals import Share

LEVEL = 0.05  # of the tests


def show(duel: Duel) -> None:
    """Top-1 of both, their difference, and McNemar's exact test in words."""
    found = overall(duel.first.answers, duel.second.answers)
    gain = found.gain
    first, second = duel.first, duel.second
    exhibit.words(
        f"- **{first.name}** is right on {share_words(found.first, duel.split)}\n"
        f"- **{second.name}** is right on {share_words(found.second, duel.split)}\n"
        f"- Difference: **{100 * gain.value:+.1f} percentage points** "
        f"(95 % interval {100 * gain.low:+.1f} to {100 * gain.high:+.1f})\n"
        f"- {mcnemar_words(found.test, first, second)}",
        key="overall",
    )


def share_words(share: Share, split: str) -> str:
    """A share with its interval and its sample of a split."""
    return (
        f"**{100 * share.value:.1f} %** of {share.trials:,} {split} clips "
        f"(95 % interval {100 * share.low:.1f} to {100 * share.high:.1f} %)"
    )


def mcnemar_words(test: McNemar, first: Side, second: Side) -> str:
    """The exact test of McNemar as a sentence, with what it does and does not show."""
    counts = (
        f"{first.name} alone is right on {test.first} clips, {second.name} alone on {test.second}: "
        f"{p_words(test.p)} (exact McNemar test). "
    )
    if test.p >= LEVEL:
        return f"{counts}Such a difference can well be chance."
    return f"{counts}Equally good networks would rarely differ so much on these clips."


def p_words(p: float) -> str:
    """A probability of a test, in as many digits as it has."""
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.2g}"
