"""Clips of coloured noise, drawn in no time, and a run on them."""

from dataclasses import replace

import numpy as np

from maagn.config import TrainSpec
from maagn.train import loop

LABELS = (
    "Pushing something from left to right",
    "Pushing something from right to left",
    "Opening something",
    "Closing something",
)
SPEC = TrainSpec(
    "tsn-demo",
    changes=(("width", "4"), ("stem_pool", "true")),
    epochs=2,
    clips=8,
    validation_clips=4,
    batch=4,
    short_side=(36, 36),
    crop=32,
)
MAAGN = replace(
    SPEC,
    preset="maagn-demo",
    changes=(*SPEC.changes, ("neck_width", "8"), ("neck_groups", "2")),
)


class MadeClips:
    """A clip set: class i is brightest in channel i."""

    labels = LABELS

    def __init__(self, length: int, *, side: int = 36) -> None:
        self.epoch = 0
        self.length = length
        self.side = side

    def __len__(self) -> int:
        return self.length

    def get(self, index: int) -> tuple[np.ndarray, int]:
        rng = np.random.default_rng((self.epoch, index))
        frames = rng.integers(0, 128, (8, self.side, self.side, 3), np.uint8)
        label = index % len(self.labels)
        frames[..., label % 3] += 100
        return frames, label


def train_on_made_clips(spec: TrainSpec, monkeypatch, **options):
    """`train` with those clips as its data; reports nothing unless asked."""
    monkeypatch.setattr(
        loop,
        "open_data",
        lambda spec, **_: (MadeClips(spec.clips), MadeClips(spec.validation_clips)),
    )
    return loop.train(spec, **{"report": lambda _: None} | options)
