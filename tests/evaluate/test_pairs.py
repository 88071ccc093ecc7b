import numpy as np
import pytest

from maagn.evaluate.metrics import confused_pairs, confusion
from maagn.evaluate.predictions import Predictions, best, pairs_of, rows_of
from maagn.opposites.clip import opposite_numbers
from tests.evaluate.made import answered, random_answers


def test_a_pair_is_counted_by_hand():
    # class 0: right, opposite, opposite, elsewhere; class 1: right, opposite
    pair = confused_pairs(answered([0, 0, 0, 0, 1, 1], [0, 1, 1, 5, 1, 0]))[0]
    assert pair.classes == (0, 1)
    assert pair.counts == ((1, 2, 1), (1, 1, 0))
    assert (pair.opposite.hits, pair.opposite.trials) == (3, 6)
    # the fourth clip's logits of 0 and 1 are equal: not preferred
    assert pair.preferred.hits == 2
    assert pair.opposite.low == pytest.approx(0.1876, abs=1e-3)  # Wilson, 3 of 6
    assert pair.opposite.high == pytest.approx(0.8124, abs=1e-3)


def test_the_most_confused_pair_comes_first_and_pairs_without_clips_are_left_out():
    pair_confusions = confused_pairs(answered([0, 0, 2, 2], [0, 1, 3, 3]))
    assert [pair.classes for pair in pair_confusions] == [(2, 3), (0, 1)]


def test_every_clip_is_in_one_pair():
    one = random_answers("any", 340)
    assert sum(pair.clips for pair in confused_pairs(one)) == 340
    assert len(pairs_of(opposite_numbers())) == 17


def test_a_cell_gives_its_clips_and_no_others():
    one = answered([6, 6, 7, 6], [7, 6, 7, 7])
    assert rows_of(one, 6, 7).tolist() == rows_of(one, 6).tolist() == [0, 3]
    assert rows_of(one, 6, 9).tolist() == []


def test_a_cells_surest_answer_comes_first():
    one = random_answers("sure", 3400)
    rows = rows_of(one, 3)
    logits = one.logits[rows].astype(np.float64)
    given = np.exp(logits.max(axis=1)) / np.exp(logits).sum(axis=1)
    assert (np.diff(given) <= 0).all()


def in_174_classes(clips: int) -> Predictions:
    """Answers of a label set of another size than the benchmark's."""
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(clips, 174)).astype(np.float32)
    return Predictions(
        model="big",
        split="test",
        labels=tuple(f"class {number}" for number in range(174)),
        opposites=np.arange(174) ^ 1,
        clip=np.arange(clips),
        truth=np.arange(clips) % 174,
        answer=logits.argmax(axis=1),
        top5=best(logits),
        logits=logits,
        preferred=rng.random(clips) < 0.5,
        reversed_answer=rng.integers(174, size=clips),
    )


def test_pairs_of_fifty_thousand_clips_of_174_classes():
    big = in_174_classes(50_000)
    pairs = confused_pairs(big)
    assert sum(sum(map(sum, pair.counts)) for pair in pairs) == 50_000
    assert confusion(big).sum() == 50_000
    wrong = (big.truth == 3) & (big.answer != 3)
    assert len(rows_of(big, 3)) == wrong.sum() > 200
