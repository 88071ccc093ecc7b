"""Networks small enough to be made in a test, and a clip for them."""

from pathlib import Path

import numpy as np
import torch

from maagn.checkpoint import Model, Provenance, load_model, save_model
from maagn.config import ModelSpec, TransformSpec
from maagn.nn.build import build
from maagn.types import Clip
from maagn.video.transform import from_frames

LABELS = (
    "Opening something",
    "Closing something",
    "Moving something up",
    "Moving something down",
    "Squeezing something",
    "Bending something",
)
SPEC = ModelSpec(
    "maagn",
    classes=len(LABELS),
    depth=18,
    width=8,
    stem_pool=False,
    neck_width=32,
    neck_groups=4,
)
BASELINES = {
    "tsn": ModelSpec("tsn", classes=len(LABELS), depth=18, width=8, stem_pool=False),
    "tsm": ModelSpec("tsm", classes=len(LABELS), depth=18, width=8, stem_pool=False, shift=True),
}
TRANSFORM = TransformSpec(resize=32, crop=32)


def save_tiny(
    path: Path,
    *,
    spec: ModelSpec = SPEC,
    labels: tuple[str, ...] = LABELS,
    always: int | None = None,
) -> Path:
    """A checkpoint with fresh weights, the same every time; `always` is a class it answers."""
    torch.manual_seed(1)
    network = build(spec)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith("alpha"):
                parameter.fill_(0.5)  # or the gates would be silent
            if always is not None and name.endswith("head.1.bias"):
                parameter[always] = 1e3
    provenance = Provenance("nothing", "a test", 1, 0, 0, 0, "none", metrics={"top1": 0.25})
    save_model(path, network, labels=labels, transform=TRANSFORM, provenance=provenance)
    return path


def tiny_model(folder: Path, *, spec: ModelSpec = SPEC) -> Model:
    """That checkpoint, loaded."""
    return load_model(save_tiny(folder / f"tiny-{spec.arch}.safetensors", spec=spec))


def square_frames(count: int = 16, *, side: int = 48) -> np.ndarray:
    """A bright square that goes from left to right, uint8 (t, h, w, 3)."""
    frames = np.full((count, side, side, 3), 40, dtype=np.uint8)
    for i, frame in enumerate(frames):
        frame[16:30, i : i + 14] = (250, 120, 30)
    return frames


def tiny_clip(count: int = 16) -> Clip:
    """Those frames, a tenth of a second apart."""
    return from_frames(square_frames(count), seconds=np.arange(count) / 10, name="square")
