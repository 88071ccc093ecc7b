"""Networks on one device: how fast they are asked and trained, in what memory, and how exactly."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from maagn.bench.figures import Figure
from maagn.bench.row import interleaved
from maagn.bench.subject import forward, noise, subject
from maagn.checkpoint import Model
from maagn.device import wait
from maagn.explain.report import explain
from maagn.inference import prepare

ARCHITECTURES = ("maagn", "tpn", "tsm", "tsn")
BATCH = 8
"""Clips that are asked about together, and clips of a training step."""
_ROUNDS, _SHORT_ROUNDS = 15, 1
_PARITY_CLIPS = 4
Arithmetic = Literal["32-true", "bf16-mixed", "bf16-mixed, compiled"]


def asked(device: torch.device, *, short: bool) -> Iterator[Figure]:
    """Milliseconds of a forward, of a clip in a batch and of an explanation, and their memory.

    An explanation is that of the explorer's first screen, its preparation on the CPU included.

    Args:
        device: that is measured.
        short: the demonstration's sizes alone, in one round.
    """
    clip = noise()
    for model in _subjects(short):
        model = _moved(model, device)
        works: dict[str, Callable[[], object]] = {
            "forward, ms": forward(model, clip),
            f"a clip in a batch of {BATCH}, ms": forward(model, clip, clips=BATCH),
            "explanation, ms": partial(explain, model, clip, target=0),
        }
        finished = {name: _finished(work, device) for name, work in works.items()}
        taken = interleaved(finished, rounds=_SHORT_ROUNDS if short else _ROUNDS)
        for what, seconds in taken.items():
            clips = BATCH if "batch" in what else 1
            yield Figure.of("asked", model.name, what, [1000 * one / clips for one in seconds])
        yield from _memory("asked", model.name, "memory of an explanation, MB", device,
                           finished["explanation, ms"])  # fmt: skip


def trained(device: torch.device, *, short: bool) -> Iterator[Figure]:
    """Clips a second of training steps, and their memory, by the arithmetic's precision.

    A step is a forward, a backward and AdamW's, on a batch that is on the device already.

    Args:
        device: that is measured.
        short: the demonstration's sizes alone, in one round.
    """
    for model in _subjects(short):
        for arithmetic in ("32-true", "bf16-mixed"):
            yield from _trained(model, device, arithmetic, short=short)


def compiled(device: torch.device, *, short: bool) -> Iterator[Figure]:
    """The same by `torch.compile`, of MAAGN alone: compiling takes minutes; nothing if `short`."""
    for model in () if short else _subjects(short):
        if model.spec.arch == "maagn":
            yield from _trained(model, device, "bf16-mixed, compiled", short=short)


def parity(device: torch.device, *, short: bool) -> Iterator[Figure]:
    """How far logits are from the CPU's, over their standard deviation, without TF32 and with it.

    Args:
        device: that is measured.
        short: the demonstration's sizes alone.
    """
    rng = np.random.default_rng(0)
    for model in _subjects(short):
        side = model.transform.crop
        clips = torch.from_numpy(
            rng.normal(size=(_PARITY_CLIPS, 3, model.spec.frames, side, side)).astype(np.float32)
        )
        with torch.inference_mode():
            here = model.network(clips)
        moved = _moved(model, device)
        for name, tf32 in (("TF32 off", False), ("TF32 on", True)):
            with _multiplying(tf32=tf32), torch.inference_mode():
                there = moved.network(clips.to(device)).cpu()
            far = float((there - here).abs().max() / here.std())
            yield Figure("parity", model.name, f"largest difference, {name}", far)


TOPICS: dict[str, Callable[..., Iterator[Figure]]] = {
    "asked": asked,
    "parity": parity,
    "trained": trained,
    "compiled": compiled,
}
"""By name: each takes the device, and gives its figures; what takes longest comes last."""


def _subjects(short: bool) -> Iterator[Model]:
    """Networks on the CPU, one at a time: the demonstration's, then those on ResNet-50."""
    for small in (True,) if short else (True, False):
        for arch in ARCHITECTURES:
            yield subject(arch, small)


def _moved(model: Model, device: torch.device) -> Model:
    return replace(model, network=model.network.to(device))


def _finished(work: Callable[[], object], device: torch.device) -> Callable[[], None]:
    """The work, and the wait for its end."""

    def run() -> None:
        work()
        wait(device)

    return run


def _trained(
    model: Model, device: torch.device, arithmetic: Arithmetic, *, short: bool
) -> Iterator[Figure]:
    step = _finished(_step(model, device, arithmetic), device)
    what = f"{arithmetic}, clips a second"
    try:
        (seconds,) = interleaved({"": step}, rounds=_SHORT_ROUNDS if short else _ROUNDS).values()
    except torch.OutOfMemoryError:
        yield Figure("trained", model.name, what, None, note="too little memory")
    except RuntimeError:
        if "compiled" not in arithmetic:
            raise
        yield Figure("trained", model.name, what, None, note="did not compile")
    else:
        yield Figure.of("trained", model.name, what, [BATCH / one for one in seconds])
        yield from _memory("trained", model.name, f"{arithmetic}, MB", device, step)


def _step(model: Model, device: torch.device, arithmetic: Arithmetic) -> Callable[[], None]:
    network = model.network.to(device).train().requires_grad_(True)
    optimiser = torch.optim.AdamW(network.parameters())
    clips = prepare(model, noise()).data.repeat(BATCH, 1, 1, 1, 1).to(device)
    classes = torch.arange(BATCH, device=device) % model.spec.classes
    answer: Callable[[Tensor], tuple[Tensor, Tensor | None]] = network.training_logits
    if "compiled" in arithmetic:
        answer = torch.compile(answer, dynamic=False)  # Inductor fails on other shapes of paths
    lower = arithmetic != "32-true"

    def run() -> None:
        with torch.autocast(device.type, torch.bfloat16, enabled=lower):
            logits, _ = answer(clips)
        loss = nn.functional.cross_entropy(logits.float(), classes)
        torch.autograd.backward(loss)
        optimiser.step()
        optimiser.zero_grad()

    return run


def _memory(
    topic: str, network: str, what: str, device: torch.device, work: Callable[[], None]
) -> Iterator[Figure]:
    """The most of the device's memory that the work took, weights included; of CUDA alone."""
    if device.type != "cuda":
        return
    gc.collect()  # networks before this one
    torch.accelerator.empty_cache()
    torch.accelerator.reset_peak_memory_stats(device)
    work()
    most = torch.accelerator.max_memory_allocated(device) / 1e6
    yield Figure(topic, network, what, most)


@contextmanager
def _multiplying(*, tf32: bool) -> Iterator[None]:
    """Products of matrices and convolutions on NVIDIA's GPUs in TF32, or in float32."""
    places = (torch.backends.cuda.matmul, torch.backends.cudnn.conv)  # type: ignore[attr-defined]
    before = [place.fp32_precision for place in places]
    try:
        for place in places:
            place.fp32_precision = "tf32" if tf32 else "ieee"
        yield
    finally:
        for place, own in zip(places, before, strict=True):
            place.fp32_precision = own
