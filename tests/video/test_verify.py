from dataclasses import replace

import numpy as np
import pytest

from maagn.video.read import disagreement
from maagn.video.worker import Answer


@pytest.fixture
def truth():
    frames = np.full((3, 4, 4, 3), 100, dtype=np.uint8)
    frames[:, 0, 0] = [[10], [60], [110]]  # one pixel tells the frames apart
    return Answer(
        frames=frames,
        indices=np.array([0, 2, 4]),
        seconds=np.array([0.0, 0.04, 0.08, 0.12, 0.16]),
        notices=(),
    )


def test_the_same_answer_is_believed(truth):
    assert disagreement(truth, truth) is None


def test_rounding_is_no_disagreement(truth):
    near = replace(truth, frames=truth.frames + np.uint8(2), seconds=truth.seconds + 1e-4)
    assert disagreement(near, truth) is None


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"seconds": np.array([0.0, 0.04, 0.08, 0.12])}, "counts 4 frames where 5"),
        ({"seconds": np.array([0.0, 0.04, 0.03, 0.12, 0.16])}, "run backwards"),
        ({"seconds": np.array([0.0, 0.04, 0.101, 0.12, 0.16])}, "times disagree"),
        ({"frames": np.zeros((3, 8, 2, 3), dtype=np.uint8)}, "another size"),
    ],
)
def test_each_way_of_disagreeing_has_its_sentence(truth, change, sentence):
    assert sentence in disagreement(replace(truth, **change), truth)


def test_a_neighbouring_frame_is_noticed_by_one_pixel(truth):
    swapped = replace(truth, frames=truth.frames[[0, 1, 1]])
    assert "pictures disagree" in disagreement(swapped, truth)
