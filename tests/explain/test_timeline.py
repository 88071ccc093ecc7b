"""Windows over a film, and what networks say of each."""

import numpy as np
import pytest

from maagn.checkpoint import load_card
from maagn.explain.timeline import NetworkTimeline, Segment, Timeline
from maagn.section import Section

CARD = load_card("tsn-demo")
PUSH = CARD.labels.index("Pushing something from left to right")
PULL = CARD.labels.index("Pulling something from right to left")


def answers(*best: int, probability: float = 0.5) -> NetworkTimeline:
    rest = (1 - probability) / (len(CARD.labels) - 1)
    shares = np.full((len(best), len(CARD.labels)), rest)
    shares[np.arange(len(best)), best] = probability
    return NetworkTimeline(CARD, np.log(shares).astype(np.float32))


def made(*best: int) -> Timeline:
    starts = np.arange(len(best)) * 1.0
    seconds = len(best) + 3.0
    return Timeline("film.mp4", "0" * 64, seconds, starts, starts + 4, (), (answers(*best),))


def test_neighbours_with_the_same_answer_are_one_segment():
    segments = answers(3, 3, 5, 3, 3, 3, probability=0.25).segments()
    found = [(one.first, one.last, one.label) for one in segments]
    assert found == [(0, 1, 3), (2, 2, 5), (3, 5, 3)]
    assert [one.probability for one in segments] == pytest.approx([0.25] * 3, abs=1e-6)


def test_a_segment_takes_the_middles_of_its_windows():
    line = made(3, 3, 5, 5)
    np.testing.assert_allclose(line.edges, [0, 2.5, 3.5, 4.5, 7])
    assert line.part(Segment(0, 1, 3, 0.5)) == Section(0.0, 3.5)
    assert line.part(Segment(2, 3, 5, 0.5)) == Section(3.5, 7.0)
    assert line.window(2) == Section(2.0, 6.0)


def test_probabilities_are_the_softmax_of_the_logits():
    network = NetworkTimeline(CARD, np.zeros((2, len(CARD.labels)), np.float32))
    np.testing.assert_allclose(network.probabilities, 1 / len(CARD.labels), rtol=1e-6)


def test_the_margin_is_the_difference_of_the_logits_of_the_answer_and_its_opposite():
    logits = np.zeros((1, len(CARD.labels)), np.float32)
    label = CARD.labels[PUSH]
    opposite = CARD.relations.opposite_of(label)
    assert opposite is not None
    logits[0, PUSH], logits[0, CARD.labels.index(opposite)] = 3, -2
    assert NetworkTimeline(CARD, logits).margins() == pytest.approx([5])


def test_windows_and_answers_are_as_many():
    with pytest.raises(ValueError, match="as many"):
        Timeline("a", "0", 9.0, np.arange(3.0), np.arange(3.0) + 1, (), (answers(1, 2),))


def test_a_timeline_tells_itself_in_a_few_lines():
    said = repr(made(PUSH, PUSH, PULL))
    assert said.startswith("Timeline of 'film.mp4': 3 windows over 6.00 s\n  tsn-demo: 2 segments")
    assert "0.00 to 3.50 s         50 %  Pushing something from left to right" in said
    assert repr(answers(PUSH)).endswith("1 window, 1 class among the answers")
