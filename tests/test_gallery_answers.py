"""What the demonstration networks say about the gallery, from file to answer, both ways."""

import json
from pathlib import Path

import pytest

from maagn.checkpoint import load_model
from maagn.inference import predict
from maagn.labels import opposite_of
from maagn.video.read import read_clip
from maagn.video.transform import from_frames

GALLERY = Path(__file__).parents[1] / "app" / "gallery"


@pytest.fixture(scope="module")
def clips():
    """Each clip's sampled frames with its class, and the same frames in reverse."""
    sampling = load_model("maagn-demo").sampling
    read = []
    for row in json.loads((GALLERY / "gallery.json").read_text("utf-8")):
        clip = read_clip(GALLERY / row["file"], samplings=[sampling])
        forwards = from_frames(clip.frames, seconds=clip.seconds)
        backwards = from_frames(clip.frames[::-1].copy(), seconds=clip.seconds)
        read.append((row["label"], forwards, backwards))
    return read


@pytest.mark.parametrize(
    ("name", "right", "flipped"),
    [
        ("maagn-demo", (0.75, 1), (0.7, 1)),
        ("tsm-demo", (0.65, 1), (0.7, 1)),
        ("tsn-demo", (0.15, 0.5), (0, 0)),  # a coin within each pair, and no sense of order
    ],
)
def test_order_is_seen_by_maagn_and_tsm_and_not_by_tsn(clips, name, right, flipped):
    model = load_model(name)
    hits, flips = [], []
    for label, forwards, backwards in clips:
        answer = predict(model, forwards).top(1)[0][0]
        hits.append(answer == label)
        flips.append(predict(model, backwards).top(1)[0][0] == opposite_of(answer))
    assert len(hits) == 68
    assert right[0] <= sum(hits) / len(hits) <= right[1]
    assert flipped[0] <= sum(flips) / len(flips) <= flipped[1]
