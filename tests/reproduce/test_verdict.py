import pytest

from maagn.reproduce.page import difference, judge
from maagn.reproduce.queue import Outcome, read_outcomes
from maagn.reproduce.study import STUDIES, Claim


def _runs(key, *top1s):
    return [
        Outcome(key, seed, "maagn train", 10, "CPU", 100, top1, 0.9, 0.1, 0.9, (1, 2))
        for seed, top1 in enumerate(top1s)
    ]


def test_difference_is_taken_seed_by_seed():
    mean = difference(_runs("a", 0.6, 0.8, 0.7), _runs("b", 0.5, 0.7, 0.6))
    assert (mean.low, mean.high) == pytest.approx((0.1, 0.1))


def test_rows_without_a_common_seed_are_refused():
    with pytest.raises(ValueError, match="no seed in common"):
        difference(_runs("a", 0.6), [])


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ((0.50, 0.52, 0.51), "confirmed"),
        ((0.70, 0.72, 0.71), "not confirmed"),
        ((0.55, 0.66, 0.60), "not significantly different"),
    ],
)
def test_three_findings(other, said):
    runs = {"a": _runs("a", 0.60, 0.61, 0.60), "b": _runs("b", *other)}
    assert judge(Claim("a is ahead of b", ("a",), ("b",)), runs)[0] == said


def test_best_of_all_must_beat_each():
    runs = {"a": _runs("a", 0.6, 0.6), "b": _runs("b", 0.5, 0.5), "c": _runs("c", 0.7, 0.7)}
    finding, means = judge(Claim("a is the best", ("a",), ("b", "c")), runs)
    assert finding == "not confirmed"
    assert [round(mean.value, 3) for mean in means] == [0.1, -0.1]


def test_outcomes_are_read_as_they_were_written(tmp_path):
    written = _runs("sdm-mtam", 0.5, 0.6)
    for outcome in written:
        outcome.write(tmp_path)
    assert read_outcomes(tmp_path) == written


def test_every_claim_is_about_rows_of_its_table():
    for study in STUDIES.values():
        keys = {row.key for row in study.rows}
        for claim in study.claims:
            assert set(claim.better) | set(claim.worse) <= keys
