import numpy as np
import pytest

from maagn.explain.verdict import judge, sentence

RANDOM = {
    "random_deletion": np.array([0.4, 0.5]),
    "random_insertion": np.array([0.4, 0.5]),
}


@pytest.mark.parametrize(
    ("deletion", "insertion", "finding"),
    [
        (0.3, 0.6, "better"),
        (0.3, 0.45, "partly"),
        (0.45, 0.6, "partly"),
        (0.45, 0.45, "none"),
        (0.3, 0.2, "none"),  # ahead on one, behind on the other
        (0.4, 0.5, "none"),  # as good as the best random order is not better
        (0.6, 0.45, "worse"),
        (0.6, 0.3, "worse"),
    ],
)
def test_the_rule(deletion, insertion, finding):
    assert judge(deletion, insertion, **RANDOM) == finding


def test_the_sentence_names_the_areas():
    text = sentence(0.3, 0.6, **RANDOM)
    assert text.startswith("Better than random on this clip")
    assert "0.300, random 0.400 to 0.500" in text
    assert sentence(0.45, 0.45, **RANDOM).startswith("No better than random on this clip")


def test_of_a_quick_test_the_sentence_says_how_coarse_it_is_and_what_chance_does():
    text = sentence(0.3, 0.6, **RANDOM, coarse="quick: 2 steps, 2 random orders")
    assert text.startswith(
        "Better than random on this clip (quick: 2 steps, 2 random orders; a curve that knows "
        "nothing beats all 2 in one of 3 cases): area under"
    )
