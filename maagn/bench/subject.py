"""What is measured: networks with random weights, and a clip of noise."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from maagn.bench.row import Work, interleaved
from maagn.checkpoint import Model, Provenance
from maagn.config import DEMO_TRANSFORM, TransformSpec
from maagn.inference import device_of, prepare
from maagn.nn.build import PRESETS, build
from maagn.types import Clip
from maagn.video.transform import from_frames

ROUNDS = 9
SHORT_ROUNDS = 5


def timed(works: Mapping[str, Work], *, short: bool) -> dict[str, list[float]]:
    """Seconds of each work in each round: of the clock, or in the short form of the processors.

    The short form runs beside other things, where the clock tells more of them than of us.
    """
    if short:
        return interleaved(works, rounds=SHORT_ROUNDS, clock=time.process_time)
    return interleaved(works, rounds=ROUNDS)


def subject(arch: str, short: bool, **changes: Any) -> Model:  # noqa: ANN401 - fields of ModelSpec
    """A frozen network of 8 frames: ResNet-50 at 224 x 224, or the demonstration's at 112 x 112.

    Gates are open, so that they have work to do.

    Args:
        arch: `maagn`, `tpn`, `tsm` or `tsn`.
        short: whether the small one is meant.
        changes: fields of the preset's `ModelSpec`, and what they are instead.
    """
    name = f"{arch}-demo" if short else f"{arch}-r50-8f"
    spec = replace(PRESETS[name], **changes)
    torch.manual_seed(0)
    network = build(spec).eval().requires_grad_(False)
    for parameter, tensor in network.named_parameters():
        if parameter.endswith("alpha"):
            tensor.fill_(0.5)
    return Model(
        name=name,
        spec=spec,
        labels=tuple(f"class {index}" for index in range(spec.classes)),
        transform=DEMO_TRANSFORM if short else TransformSpec(),
        provenance=Provenance("nothing", "none", 0, 0, 0, 0, "none"),
        digest=f"{name} {sorted(changes.items())}",
        network=network,
    )


def noise(frames: int = 8) -> Clip:
    """A clip of 320 x 256 pixels that no network has seen."""
    pixels = np.random.default_rng(0).integers(0, 256, (frames, 256, 320, 3), dtype=np.uint8)
    return from_frames(pixels, seconds=np.arange(frames) / 12)


def forward(model: Model, clip: Clip, *, clips: int = 1) -> Callable[[], object]:
    """A bare forward of the clip, that many times in one batch, on the network's device."""
    data = prepare(model, clip).data.repeat(clips, 1, 1, 1, 1).to(device_of(model))

    def run() -> object:
        with torch.inference_mode():
            return model.network(data)

    return run
