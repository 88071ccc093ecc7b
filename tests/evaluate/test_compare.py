import pytest

from maagn.errors import ResultsError
from maagn.evaluate.compare import by_pair, gains, overall, table
from maagn.opposites.clip import OPPOSITES_LABELS
from tests.evaluate.made import answered

TRUTH = [0] * 6 + [1] * 4
FIRST = answered(TRUTH, [0] * 6 + [1] * 4)
SECOND = answered(TRUTH, [1] * 5 + [0] + [1] * 4, model="other")


def test_mcnemar_by_hand():
    found = overall(FIRST, SECOND)
    assert (found.test.first, found.test.second) == (5, 0)
    assert found.test.p == pytest.approx(2 / 2**5)
    assert overall(FIRST, FIRST).test.p == 1


def test_every_class_by_itself_greatest_gain_first():
    best, second = gains(FIRST, SECOND)
    assert best.labels == (OPPOSITES_LABELS[0],)
    assert best.gain.value == pytest.approx(5 / 6)
    assert second.gain.value == 0


def test_pairs_hold_the_clips_of_both_classes():
    pair, *others = by_pair(FIRST, SECOND)
    assert pair.first.trials == 10
    assert {other.first.trials for other in others} == {0}


def test_a_table_has_a_row_a_comparison():
    rows = table(by_pair(FIRST, SECOND))
    first = rows.iloc[0]
    assert first["classes"] == f"{OPPOSITES_LABELS[0]} ↔ {OPPOSITES_LABELS[1]}"
    assert (first["first"], first["second"], first["clips"]) == (1, 0.5, 10)
    assert first["gain_low"] < first["gain"] == 0.5 < first["gain_high"]
    assert (first["first_alone"], first["second_alone"]) == (5, 0)
    assert len(rows) == len(OPPOSITES_LABELS) // 2


def test_other_clips_are_no_comparison():
    with pytest.raises(ResultsError, match="not asked about the same clips"):
        overall(FIRST, FIRST.only(slice(1, None)))
