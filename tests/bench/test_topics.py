"""Every topic of networks gives its rows, in the short form and with one round."""

import pytest

from maagn.bench import subject
from maagn.bench.topics import TOPICS

NAMES = {
    "network": ["TPN", "TPN of two levels", "kept", "fast twin"],
    "explanation": ["Grad-CAM", "eight methods", "six methods", "three networks", "another class"],
    "intervention": [f"{kind} on res{level}" for level in (3, 4, 5) for kind in ("switch", "edit")],
    "memory": ["memory"],
    "growth": ["16 frames", "32 frames", "8 clips", "32 clips", "classes"],
    "peers": ["pytorch-grad-cam", "R(2+1)D-18", "ResNet"],
}


@pytest.mark.parametrize("topic", NAMES)
def test_a_topic_gives_its_rows(topic, monkeypatch):
    monkeypatch.setattr(subject, "SHORT_ROUNDS", 1)
    rows = list(TOPICS[topic](True))
    assert all(row.ratio > 0 and row.parts for row in rows)
    found = [row.name.removeprefix(topic).lstrip(", /") or topic for row in rows]
    assert found == NAMES[topic]
