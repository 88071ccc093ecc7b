"""Networks small enough to be made in a test, in memory or in a file, and clips for them.

Those of `network` and `make_model` have nothing left at the values that make parts of them silent;
those of `save_tiny` and `tiny_model` are as a training begins, but for open gates.
"""

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from maagn.checkpoint import Model, Provenance, load_model, save_model
from maagn.config import ModelSpec, TransformSpec
from maagn.nn.build import build
from maagn.nn.network import VideoNetwork
from maagn.types import Clip
from maagn.video.transform import from_frames

Made = TypeVar("Made", bound=nn.Module)

TOKENS = (
    ("side", 32), ("patch", 8), ("tubelet", 2), ("heads", 2), ("hidden", 32), ("pooler", 1),
)  # fmt: skip
SPECS = {
    "maagn": ModelSpec(
        "maagn", classes=5, depth=18, width=8, shift=True, neck_width=16, neck_groups=4
    ),
    "tpn": ModelSpec(
        "tpn",
        classes=5,
        depth=18,
        width=8,
        shift=True,
        neck_width=16,
        neck_groups=4,
        levels=(4, 5),
        rates=(1, 1),
    ),
    "tsm": ModelSpec("tsm", classes=5, depth=18, width=8, shift=True),
    "tsn": ModelSpec("tsn", classes=5, depth=18, width=8),
    "r2plus1d": ModelSpec("r2plus1d", classes=5, depth=18, width=8, dropout=0.0),
    "i3d": ModelSpec("i3d", classes=5, width=8),
    "nonlocal": ModelSpec("nonlocal", classes=5, width=8),
    "slowfast": ModelSpec("slowfast", classes=5, width=16, rates=(4, 1), options=(("lateral", 5),)),
    "tanet": ModelSpec("tanet", classes=5, width=8),
    "tdn": ModelSpec("tdn", classes=5, width=8, frames=10),
    "s3d": ModelSpec("s3d", classes=5, dropout=0.0),
    "mvit": ModelSpec("mvit", classes=5, depth=6, width=16, dropout=0.0),
    "videomae": ModelSpec(
        "videomae", classes=5, depth=4, width=24, dropout=0.0, options=TOKENS[:-1]
    ),
    "vjepa2": ModelSpec("vjepa2", classes=5, depth=4, width=24, dropout=0.0, options=TOKENS),
    "swin3d": ModelSpec("swin3d", classes=5, depth=8, width=32, dropout=0.0),
}


def spec(arch: str, /, **changes: object) -> ModelSpec:
    return replace(SPECS[arch], **changes)


def clip_tensor(*, frames: int = 8, size: int = 32, batch: int = 1, seed: int = 0) -> Tensor:
    return torch.randn(batch, 3, frames, size, size, generator=generator(seed))


def clip_for(made: nn.Module, *, batch: int = 1) -> Tensor:
    """With as many frames as it sees."""
    return clip_tensor(frames=made.spec.frames, batch=batch)


def never_matters(arch: str, name: str) -> bool:
    """Whether a tensor of the small network of that kind changes no prediction.

    The token of the class, which alone is read behind MViTv2's last block, has no place: nothing is
    pooled for it, and it has no distance from the others. One row or column has none from itself.
    """
    last = ("blocks.4.attn.rel_pos", "blocks.5.attn.rel_pos", "blocks.5.attn.pool_q.pool.")
    return arch == "mvit" and name.startswith(last)


def network(of: ModelSpec, *, seed: int = 0, gated: bool = True) -> VideoNetwork:
    """In evaluation mode, with lively normalisation and, if `gated`, gates that are open."""
    torch.manual_seed(seed)
    made = build(of).eval()
    for name, parameter in made.named_parameters():
        if gated and name.endswith("alpha"):
            nn.init.normal_(parameter)
    return lively(made)


def lively(made: Made) -> Made:
    """The same with normalisation that has something to do."""
    for module in made.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d):
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            if not module.weight.any():  # a block that gives nothing when a training begins
                nn.init.normal_(module.weight)
    return made


def randomise(module: nn.Module, *, seed: int) -> None:
    """Draw every parameter anew, zeros and identities included."""
    for parameter in module.parameters():
        parameter.data.copy_(torch.randn(parameter.shape, generator=generator(seed)))
        seed += 1


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def make_model(of: ModelSpec, *, seed: int = 0, gated: bool = True) -> Model:
    return Model(
        name=of.arch,
        network=network(of, seed=seed, gated=gated).requires_grad_(False),
        spec=of,
        labels=("opening", "closing", "folding", "unfolding", "waiting"),
        transform=TransformSpec(resize=36, crop=32),
        provenance=Provenance("nothing", "none", 0, 0, 0, 0, "none"),
        digest=f"{of.arch}-{seed}",
    )


def make_clip(*, seed: int = 0, frames: int = 12) -> Clip:
    """Noise, at times that no frame rate explains."""
    noise = np.random.default_rng(seed)
    return from_frames(
        noise.integers(0, 256, (frames, 40, 48, 3), dtype=np.uint8),
        seconds=np.cumsum(noise.uniform(0.02, 0.3, frames)),
    )


LABELS = (
    "Opening something",
    "Closing something",
    "Moving something up",
    "Moving something down",
    "Squeezing something",
    "Bending something",
)
SPEC = spec(
    "maagn", classes=len(LABELS), shift=False, stem_pool=False, neck_width=32, neck_groups=4
)
BASELINES = {name: spec(name, classes=len(LABELS), stem_pool=False) for name in ("tsn", "tsm")}
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
