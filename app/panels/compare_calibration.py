"""Whether two networks are right as often as they are sure."""

import pandas as pd

from app import exhibit
from app.panels.compare_choice import Duel
from maagn.evaluate.metrics import BINS, calibration_error, reliability
from maagn.figures.comparison import Curve, reliability_diagram


def show(duel: Duel) -> None:
    """Both networks' accuracy against their confidence, and the calibration errors."""
    curves, words = [], []
    for side in (duel.first, duel.second):
        logits, truth = side.answers.logits, side.answers.truth
        curves.append(Curve(side.name, side.colour, reliability(logits, truth)))
        words.append(f"{side.name} {calibration_error(logits, truth):.3f}")
    clips = len(duel.first.answers)
    exhibit.figure(
        reliability_diagram(curves),
        key="reliability",
        title=f"Is each right as often as it is sure? (n = {clips:,} clips)",
        alt="Share of right answers against mean confidence, with 95 % intervals; expected "
        f"calibration errors: {', '.join(words)}.",
        table=pd.concat(one.bins.assign(network=one.name) for one in curves),
    )
    exhibit.words(
        f"Expected calibration error, {BINS} bins: **{', '.join(words)}** (0 is best). Above the "
        "dotted line a network is right more often than it says, below it less often.",
        key="reliability-note",
    )
