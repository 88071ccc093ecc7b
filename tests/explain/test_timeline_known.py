"""A film of known classes at known seconds: the demonstration networks find each at its place."""

import numpy as np
import pytest

from maagn.checkpoint import load_model
from maagn.explain.timeline import NetworkTimeline, Timeline, timeline
from maagn.section import Section
from tests.bench.timeline import Pasted, found, paste

CLIPS = (
    "Moving something up",
    "Moving something towards the camera",
    "Turning the camera upwards while filming something",
    "Moving something and something closer to each other",
    "Moving something down",
    "Turning the camera left while filming something",
    "Moving something away from the camera",
)
"""Clips that both networks classify correctly alone: what is asked here is where they find them."""


def test_each_action_is_found_at_its_place(tmp_path):
    path = tmp_path / "film.mp4"
    pasted = paste(path, [(label, 0) for label in CLIPS], rate=12)
    line = timeline(path, [load_model("tsm-demo"), load_model("maagn-demo")])
    for answers in line.answers:
        all_found = [found(line, answers, one) for one in pasted]
        right = sum(one.right for one in all_found)
        delays = [one.delay for one in all_found if one.delay is not None]
        assert right >= len(CLIPS) - 1, all_found  # one of 34 classes is right by chance
        assert abs(np.median(delays)) < 1.0, delays
        assert np.mean([one.share for one in all_found]) > 0.5, all_found
    borders = [one.section.start for one in pasted[1:]]
    found_cuts = [border for border in borders if np.abs(np.array(line.cuts) - border).min() < 0.1]
    assert len(found_cuts) >= len(borders) - 1


def test_what_is_found_is_measured_from_the_band():
    card = load_model("tsn-demo").card
    folding = card.labels.index("Folding something")
    logits = np.zeros((6, len(card.labels)), np.float32)
    logits[[2, 3], folding] = 1
    starts = np.arange(6) * 0.5
    line = Timeline("a", "0", 4.5, starts, starts + 2, (), (NetworkTimeline(card, logits),))
    # The band shows it from 1.75 to 2.75 s: half-way between the middles of windows.
    one = found(line, line.answers[0], Pasted("Folding something", Section(1.0, 3.0)))
    assert (one.right, one.delay) == (True, 0.75)
    assert one.share == pytest.approx(0.5)
    none = found(line, line.answers[0], Pasted("Folding something", Section(3.9, 4.5)))
    assert (none.right, none.delay, none.share) == (False, None, 0)
