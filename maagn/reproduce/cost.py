"""Parameters and multiply-accumulates of a network (Table 6), and the time of a training step."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
from torch import nn

from maagn.config import DEMO_TRANSFORM, Fusion, ModelSpec, TransformSpec
from maagn.device import CPU, choose, described, wait
from maagn.nn.build import PRESETS, build
from maagn.nn.macs import macs_of
from maagn.nn.network import VideoNetwork

_ROUNDS = 9  # of steps that are timed


@dataclass(frozen=True)
class Cost:
    """Of one forward pass of one clip.

    Attributes:
        parameters: how many.
        macs: multiply-accumulates of convolutions and matrix products.
    """

    parameters: int
    macs: int


def cost(spec: ModelSpec, *, side: int) -> Cost:
    """Counted on torch's meta device: nothing is computed.

    Args:
        spec: of the network.
        side: of the square frames in pixels.
    """
    with torch.device("meta"):
        network = build(spec)
    return Cost(sum(p.numel() for p in network.parameters()), macs_of(spec, side=side))


def step_seconds(
    specs: Mapping[str, ModelSpec],
    *,
    side: int,
    batch: int,
    rounds: int,
    device: torch.device = CPU,
) -> dict[str, list[float]]:
    """Seconds of a training step of each network, taken in turns, as the machine's load varies.

    Args:
        specs: networks by name.
        side: of the square frames in pixels.
        batch: clips a step.
        rounds: steps timed of each, after one that is not.
        device: where they are taken.
    """
    networks = {name: build(spec).to(device).train() for name, spec in specs.items()}
    seconds: dict[str, list[float]] = {name: [] for name in specs}
    for turn in range(rounds + 1):
        for name, network in networks.items():
            clips = torch.randn(batch, 3, specs[name].frames, side, side, device=device)
            spent = _step(network, clips)
            if turn:
                seconds[name].append(spent)
    return seconds


def _step(network: VideoNetwork, clips: torch.Tensor) -> float:
    wait(clips.device)
    start = perf_counter()
    logits, _ = network.training_logits(clips)
    loss = nn.functional.cross_entropy(logits, clips.new_zeros(len(clips), dtype=torch.long))
    torch.autograd.backward(loss)
    network.zero_grad()
    wait(clips.device)
    return perf_counter() - start


def ratio(seconds: Sequence[float], other: Sequence[float]) -> float:
    """Median over the rounds of one time over the other of the same round."""
    return float(np.median(np.array(seconds) / np.array(other)))


def write_costs(path: Path, *, device: str | None = None) -> None:
    """Write Table 6's counts at the paper's size and Table 3 (c)'s step times at the demo's.

    Args:
        path: of the file.
        device: where steps are timed, as `maagn.device.choose` takes it.
    """
    chosen = choose(device)
    fusions: dict[str, Fusion] = {
        "none": "none",
        "sdm": "sdm",
        "mtam": "mtam",
        "sdm-mtam": "sdm>mtam",
    }
    fusions |= {"sum": "sum", "maagn": "agm"}
    full, demo = PRESETS["maagn-r50-8f"], PRESETS["maagn-demo"]
    large = {name: PRESETS[f"{name}-r50-8f"] for name in ("tsn", "tsm", "tpn")}
    large |= {key: _fused(full, fusion) for key, fusion in fusions.items()}
    side = TransformSpec().crop
    counts = {key: asdict(cost(spec, side=side)) for key, spec in large.items()}
    small = {key: _fused(demo, fusion) for key, fusion in fusions.items()}
    crop = DEMO_TRANSFORM.crop
    seconds = step_seconds(small, side=crop, batch=8, rounds=_ROUNDS, device=chosen)
    where = f"{described(chosen)}, {torch.get_num_threads()} threads"
    table = {"side": side, "counts": counts, "step_seconds": seconds, "device": where}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def _fused(spec: ModelSpec, fusion: Fusion) -> ModelSpec:
    return replace(spec, fusion=fusion)
