from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.views.arrow import (
    Directed,
    breaking_words,
    headline,
    nats_of,
    shuffle_rows,
    smallest_words,
)
from maagn.explain.arrow import Arrow, Shuffles, SmallestSet
from maagn.explain.reversal import Reversal
from maagn.types import Prediction
from tests.app.test_explore import page_text, settle
from tests.explain.test_reversal import said

ROOT = Path(__file__).parents[2]
PUSHED = "00-pushing-something-from-left-to-right-0.mp4"


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    app.query_params["clip"] = PUSHED
    app.run()
    app.switch_page(str(ROOT / "pages" / "arrow.py"))
    app.query_params["clip"] = PUSHED
    return settle(app)


def test_a_push_becomes_a_pull_and_tsn_is_exactly_zero(app):
    text = page_text(app)
    pushed, pulled = "Pushing something from left to right", "Pulling something from right to left"
    assert f"**MAAGN** gives 98 % to {pushed} forwards and 98 % to its opposite, {pulled}" in text
    assert "Temporal divergence **exactly 0**" in text
    rows = app.dataframe[0].value.set_index("network")
    assert rows["opposite"].to_dict() == {
        "MAAGN": "yes", "TPN": "yes", "TSM": "yes", "TSN": "no",
    }  # fmt: skip
    assert rows.loc["TSN", "divergence"] == "exactly 0"
    assert float(rows.loc["MAAGN", "divergence"].removesuffix(" nats")) > 5
    assert "**TSN** keeps" in text
    assert "in every shuffle" in text
    assert "of 17 pairs are told by order alone" in text


def test_a_pair_of_the_run_opens_a_clip_of_it(app):
    app.button(key="open-pair-1").click()
    settle(app)
    assert str(app.query_params["clip"]).startswith("test-1-")
    assert "Does the order of the frames decide it?" in [one.value for one in app.header]
    pulled = "Pulling something from right to left"
    assert f"to {pulled} forwards" in page_text(app)


LABELS = ("Opening", "Closing", "Waiting")


def predicted(*logits: float) -> Prediction:
    found = said(*logits)
    return Prediction(
        LABELS, found.logits, found.probabilities, found.path_probabilities, found.path_logits
    )


def directed(smallest: SmallestSet, turned: Prediction | None, *, blind: bool = False) -> Directed:
    both = Reversal("m", predicted(3, 0, 0), predicted(0, 3, 0))
    found = Arrow(both, "Closing", np.zeros(3), smallest, turned, None)
    inputs = type("Inputs", (), {"seconds": np.arange(8) / 2})()
    return Directed("MAAGN", "#0072B2", found, inputs, blind)


NONE = tuple(range(8))


@pytest.mark.parametrize(
    ("smallest", "turned", "words"),
    [
        (
            SmallestSet((3, 5), NONE, True, 28),
            predicted(0, 3, 0),
            "Swapping frames **3 and 5** alone (1.50 s and 2.50 s) turns **MAAGN** from Opening "
            "(91 %) to Closing (91 %).",
        ),
        (
            SmallestSet((0, 1, 6, 7), NONE, True, 98),
            predicted(0, 1, 3),
            "Turning around frames **0, 1, 6 and 7** alone (0.00 s, 0.50 s, 3.00 s and 3.50 s) "
            "puts Closing above Opening (91 % before) in **MAAGN**'s prediction; most probable is "
            "then Waiting (84 %). No smaller set does.",
        ),
        (
            SmallestSet((0, 1, 2, 5, 6, 7), NONE, False, 277),
            predicted(0, 3, 0),
            "Turning around frames **0, 1, 2, 5, 6 and 7** alone (0.00 s, 0.50 s, 1.00 s, 2.50 s, "
            "3.00 s and 3.50 s) turns **MAAGN** from Opening (91 %) to Closing (91 %). Not every "
            "smaller set was tried.",
        ),
        (
            SmallestSet((), NONE, True, 127),
            None,
            "**MAAGN**: no set of frames turns Opening; all 127 were tried.",
        ),
        (
            SmallestSet((), NONE, False, 500),
            None,
            "**MAAGN**: none of 500 sets of frames turns Opening; not all were tried.",
        ),
    ],
)
def test_the_sentence_of_the_smallest_set_is_true_to_the_search(smallest, turned, words):
    assert smallest_words(directed(smallest, turned)) == words


def shuffles(*kept: int, trials: int = 16) -> Shuffles:
    n = np.array([1, *[trials] * (len(kept) - 2), 1])
    strengths = np.linspace(0, 1, len(kept))
    return Shuffles(strengths, n, np.array(kept), np.zeros(len(kept), int))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (shuffles(1, 16, 16, 16, 1), "**MAAGN** keeps Opening in every shuffle."),
        (
            shuffles(1, 9, 4, 9, 0),
            "**MAAGN** loses Opening where **50 %** of the pairs of frames are in the wrong order: "
            "4 of 16 such shuffles keep it.",
        ),
        (
            shuffles(1, 9, 8, 9, 1),
            "**MAAGN** keeps Opening in half of the shuffles or more: 50 % at the least.",
        ),
        (
            shuffles(1, 9, 8, 9, 0),
            "**MAAGN** loses Opening only when all frames run backwards.",
        ),
    ],
)
def test_the_sentence_of_the_shuffles_is_true_to_the_counts(found, words):
    one = directed(SmallestSet((), NONE, True, 127), None)
    assert breaking_words(one, found) == words


def test_what_is_no_sample_has_no_interval():
    rows = shuffle_rows(shuffles(1, 16, 8, 16, 0), sampled=True)
    assert rows["low"].tolist()[0] == rows["high"].tolist()[0] == 1
    assert rows["low"][1] < 1
    assert rows["breaks"].tolist() == [False, False, False, False, True]
    certain = shuffle_rows(shuffles(1, 16, 16, 16, 1), sampled=False)
    assert (certain["low"] == certain["high"]).all()


def network(name: str, backwards: Prediction) -> Directed:
    one = directed(SmallestSet((), NONE, True, 127), None)
    both = replace(one.arrow.directions, backward=backwards)
    return replace(one, name=name, arrow=replace(one.arrow, directions=both))


SAME, CLOSES, WAITS = predicted(2, 0, 0), predicted(0, 3, 0), predicted(0, 0, 3)


@pytest.mark.parametrize(
    ("backwards", "words"),
    [
        ((CLOSES, CLOSES, SAME), "**A and B predict the opposite when the very same frames run"),
        ((SAME, CLOSES, WAITS), "**B predicts the opposite when the very same frames run"),
        ((SAME, SAME, WAITS), "backwards.** C then predicts something else."),
        ((SAME, WAITS, WAITS), "backwards.** B and C then predict something else."),
        ((SAME, SAME, SAME), "**No network predicts the opposite when the same frames run"),
    ],
)
def test_the_headline_names_who_predicts_the_opposite(backwards, words):
    found = [network(name, said) for name, said in zip("ABC", backwards, strict=True)]
    assert words in headline(found)


def test_zero_alone_is_said_to_be_exact():
    assert nats_of(0.0) == "exactly 0"
    assert nats_of(1e-9) == "under 0.001 nats"
    assert nats_of(12.04) == "12 nats"
    assert nats_of(0.0293) == "0.029 nats"
