"""Fine-tune a taught network: from its fitted heads on, at a small rate, for a few passes.

Normalisation keeps its statistics and dropout stays off, since a few clips say little about either.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float64, Int64
from torch import nn
from torch.nn import functional

from maagn.config import TrainSpec
from maagn.nn.build import architecture_of
from maagn.nn.network import VideoNetwork
from maagn.teach.frames import KeptClips, side_of
from maagn.train.augment import Augmentation
from maagn.train.data import order
from maagn.train.schedule import rate
from maagn.video.transform import normalise

Tune = Literal["head", "last", "all"]
"""Which weights are taught: the heads alone; the last stage and all behind it; all of them."""

PASSES = 8
"""Over the clips, at most."""
_LAST_STAGE = "layer4."


def recipe(clips: KeptClips, *, learn: int) -> TrainSpec:
    """How a network is fine-tuned.

    Args:
        clips: that it is taught from.
        learn: how many of them it sees.
    """
    side = side_of(clips.transform)
    return TrainSpec(
        preset="",
        epochs=PASSES,
        clips=learn,
        batch=4,
        learning_rate=5e-4,
        short_side=(side, side),
        crop=clips.transform.crop,
    )


def taught_parameters(network: VideoNetwork, tune: Tune) -> list[nn.Parameter]:
    """The parameters that fine-tuning changes."""
    backbone = architecture_of(network.spec).backbone

    def early(name: str) -> bool:
        return name.startswith(backbone) and _LAST_STAGE not in name

    return [
        parameter
        for name, parameter in network.named_parameters()
        if tune == "all" or not early(name)
    ]


def fine_tune(
    network: VideoNetwork,
    clips: KeptClips,
    learn: Int64[np.ndarray, " m"],
    opposites: Sequence[int],
    *,
    tune: Tune,
    spec: TrainSpec,
    step: Callable[[], None] = lambda: None,
) -> Iterator[int]:
    """Change a network, pass by pass; gives the number of passes that are done, from 1.

    Every clip of a class with an opposite is shown backwards in the same batch, as that opposite.
    Classes count the same, however many clips they have. Nothing is drawn but from `spec.seed`.

    Args:
        network: with fitted heads, in evaluation mode; changed in place.
        clips: all of a teaching.
        learn: the numbers of those that it learns from; no other is looked at.
        opposites: of each class the one that its clips show backwards; -1 for none.
        tune: which weights.
        spec: passes, rate, batch and augmentation.
        step: called before each clip; may raise, to stop.
    """
    reversals = tuple(None if other < 0 else int(other) for other in opposites)
    augmentation = Augmentation(spec, tuple(range(len(opposites))), reversals)
    weights = _class_weights(clips.classes[learn], np.array(opposites))
    parameters = taught_parameters(network, tune)
    device = parameters[0].device
    for parameter in parameters:
        parameter.requires_grad_(True)
    optimiser = torch.optim.AdamW(parameters, weight_decay=spec.weight_decay)
    done = 0
    try:
        for epoch in range(spec.epochs):
            clips.epoch = epoch
            rows = order(
                len(learn), available=len(learn), batch=spec.batch, seed=spec.seed, epoch=epoch
            )
            for row in learn[rows]:
                optimiser.param_groups[0]["lr"] = spec.learning_rate * rate(done, spec)
                for index in row:  # one at a time: so that it can be stopped, and fits anywhere
                    step()
                    items = augmentation.batch(clips, np.array([index]))
                    frames, targets = zip(*items, strict=True)
                    inputs = normalise(np.stack(frames), clips.transform)
                    truth = torch.tensor(targets)
                    loss = functional.cross_entropy(
                        network(inputs.to(device)),
                        truth.to(device),
                        weight=weights.to(device),
                        reduction="sum",
                    )
                    (loss / len(row)).backward()  # type: ignore[no-untyped-call]
                optimiser.step()
                optimiser.zero_grad()
                done += 1
            yield epoch + 1
    finally:
        network.requires_grad_(False)


def votes_of(
    network: VideoNetwork,
    clips: KeptClips,
    rows: Int64[np.ndarray, " m"],
    *,
    step: Callable[[], None] = lambda: None,
) -> Float64[np.ndarray, "m 2 p k"]:
    """Logits of each head, of clips and of their reversals, without augmentation."""
    device = next(network.parameters()).device
    found = []
    for index in rows:
        step()
        with torch.no_grad():
            features = network.forward_features(clips.both_ways(int(index)).to(device))
            read = network.head_inputs(features)
            logits = [head(values) for head, values in zip(network.classifiers, read, strict=True)]
        found.append(torch.stack(logits, dim=1).cpu().double().numpy())
    return np.stack(found)


def _class_weights(
    labels: Int64[np.ndarray, " m"], opposites: Int64[np.ndarray, " k"]
) -> torch.Tensor:
    """So that the examples of each class, reversals among them, weigh the same together."""
    backwards = opposites[labels]
    shown = np.concatenate([labels, backwards[backwards >= 0]])
    counts = np.bincount(shown, minlength=len(opposites))
    return torch.from_numpy(len(shown) / len(opposites) / counts).float()
