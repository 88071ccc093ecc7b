"""What values look like at a prompt and in a notebook: short, escaped, and whole in themselves."""

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from maagn.evaluate.audit_file import shipped_audits
from maagn.evaluate.pointing_scores import read_scores
from maagn.evaluate.results import read_results
from maagn.explain.report import explain, report
from maagn.inference import trace
from maagn.shown import percent, shortened, spread, strip_html
from tests.evaluate.made import answered
from tests.tiny import make_model, spec, tiny_clip, tiny_model

MOST_LINES, MOST_LETTERS = 5, 600


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    model, clip = tiny_model(tmp_path_factory.mktemp("tiny")), tiny_clip()
    return model, clip, trace(model, clip)


@pytest.fixture(scope="module")
def values(run):
    model, clip, seen = run
    made = report(model, clip, seen)
    return [
        model,
        model.card,
        clip,
        seen,
        seen.clip,
        seen.prediction,
        made,
        made.cam,
        *made.masks,
        *made.gates,
        read_results(),
        *read_results(),
        answered([1, 2], [1, 3]),
        *shipped_audits().values(),
        read_scores(),
    ]


def test_every_value_is_told_in_a_few_lines(values):
    for value in values:
        said = repr(value)
        assert said.startswith(type(value).__name__)
        assert len(said.splitlines()) <= MOST_LINES, said
        assert len(said) <= MOST_LETTERS, said


def test_a_clip_says_what_it_is(run):
    _, clip, _ = run
    assert repr(clip) == "Clip 'square': 16 frames of 48 x 48 pixels, the last at 1.50 s"
    kept = replace(clip, frames=clip.frames[:2], seconds=clip.seconds[:2], indices=clip.indices[:2])
    kept = replace(kept, notices=("Two frames could not be read.",))
    first, second = repr(kept).splitlines()
    assert first.endswith("1.50 s; 2 of them kept")
    assert second == "  Two frames could not be read."


def test_a_prediction_has_its_first_three_classes(run):
    _, _, seen = run
    head, *rows, paths = repr(seen.prediction).splitlines()
    assert head == "Prediction among 6 classes:"
    assert [row.split("  ")[-1] for row in rows] == [label for label, _ in seen.prediction.top(3)]
    assert paths.startswith("  the first by path: ")
    assert paths.count("%") == len(seen.prediction.path_probabilities)


def test_a_report_tells_the_margin_and_what_was_asked(run):
    model, clip, _ = run
    made = explain(model, clip, target="Opening something")
    assert f"explained: Opening something, log ratio {made.margin:+.2f}" in repr(made)
    assert "opposite Closing something" in repr(made)
    assert "no opposite" in repr(explain(make_model(spec("tsn")), clip, target="waiting"))


def test_the_strip_has_all_in_itself_and_escapes_names(run):
    _, clip, seen = run
    named = replace(clip, name='<script>"x"</script>')
    for value in (named, seen.clip):
        page = value._repr_html_()
        assert "<script" not in page
        assert "http" not in page
        assert not re.search(r"[;\"]\s*(color|background)", page)  # both grounds show through
    assert "&lt;script&gt;" in named._repr_html_()
    pictures = re.findall(r"data:image/jpeg;base64,([^\"]+)", named._repr_html_())
    assert len(pictures) == 8
    assert Image.open(io.BytesIO(base64.b64decode(pictures[0]))).size == (96, 96)
    assert len(named._repr_html_()) < 60_000


def test_a_strip_of_one_frame_is_one_picture():
    page = strip_html("One", np.zeros((1, 4, 400, 3), np.uint8), ["a<b"])
    assert page.count("<img") == 1
    assert page.count("a&lt;b") == 2


@pytest.mark.parametrize(
    ("probability", "said"),
    [
        (0.0, "under 0.1 %"),
        (0.0123, "1.2 %"),
        (0.5, "50 %"),
        (0.996, "99.6 %"),
        (1.0, "over 99.9 %"),
    ],
)
def test_percents_are_never_falsely_whole(probability, said):
    assert percent(probability) == said


def test_names_are_one_line_and_numbers_few_digits():
    assert shortened("a\n b" + 90 * "c").startswith("a b")
    assert len(shortened("c" * 200)) == 80
    assert spread(np.array([0.12345, 2.0])) == "0.123 to 2"
    assert spread(np.array([])) == "nothing"
