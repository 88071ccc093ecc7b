"""Figure 7's findings follow the paired intervals, whichever network was measured first."""

import pytest

from maagn.evaluate.intervals import Estimate
from maagn.evaluate.pointing_scores import Comparison, PointingScores
from maagn.reproduce.figure7 import figure7_section

FUSED = "product:backbone.res3+backbone.res4"


def told(first, second, low, value, high, *, layer="backbone.res4"):
    one = Comparison(first, second, "gradcam", layer, 1, 40, Estimate(value, low, high))
    scores = PointingScores("maagn pointing", "opposites", "test", "0", 0.03, (), (), (one,))
    return "\n".join(figure7_section(scores))


@pytest.mark.parametrize(
    ("ends", "finding"),
    [
        ((0.02, 0.05, 0.08), "+5.0 [+2.0, +8.0] | **confirmed**"),
        ((-0.08, -0.05, -0.02), "-5.0 [-8.0, -2.0] | **not confirmed**"),
        ((-0.01, 0.05, 0.08), "+5.0 [-1.0, +8.0] | **not significantly different**"),
    ],
)
def test_a_claim_is_judged_by_the_paired_interval(ends, finding):
    assert f"| MAAGN's maps are more accurate than TSM's | gradcam, res4 | {finding} |" in told(
        "maagn-demo", "tsm-demo", *ends
    )


def test_the_order_of_measurement_makes_no_difference():
    text = told("tsn-demo", "tsm-demo", 0.02, 0.05, 0.08, layer=FUSED)
    assert "more accurate than TSN's | gradcam, res3 times res4 | -5.0 [-8.0, -2.0]" in text
    assert "MAAGN's maps" not in text  # never compared
