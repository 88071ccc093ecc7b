"""Names of a person's classes are no markup to Plotly, which would draw links and drop tags."""

import numpy as np

from maagn.figures.comparison import class_scatter, gain_chart
from maagn.figures.gates import by_class
from maagn.figures.mistakes import confusion_matrix
from tests.figures.test_compared import NAMED, TABLE

LABELS = ("in <a href='https://elsewhere.example'>a</a>", "out & back")


def test_names_are_shown_letter_by_letter():
    table = TABLE.assign(classes=LABELS)
    ones = np.ones(2)
    for fig in (
        gain_chart(table, **NAMED),
        class_scatter(table, **NAMED),
        confusion_matrix(np.ones((2, 2), np.int64), LABELS),
        by_class(LABELS, ones, ones, unit="unit", colour="#CC79A7", here=LABELS[0]),
    ):
        drawn = str(fig.to_dict())
        assert "<a" not in drawn
        assert "in &lt;a href=" in drawn
        assert "out &amp; back" in drawn
