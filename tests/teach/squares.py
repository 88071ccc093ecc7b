"""Squares that move across a picture, as examples to teach with; what networks see of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from maagn.data.videos import Video
from maagn.nn.resnet import ShiftedConv2d
from maagn.teach.examples import Example, Examples
from maagn.teach.frames import keep_clips
from maagn.teach.left_out import fit_all
from maagn.teach.network import taught_network
from maagn.teach.seen import see_clips
from maagn.teach.tune import fine_tune, recipe
from tests.tiny import make_model, spec

LABELS = ("Moving right", "Moving left")


def moving(seed):
    """Draws a bright square that goes from left to right, somewhere, in some colour."""

    def draw(count, side):
        noise = np.random.default_rng(seed)
        row, size = noise.integers(4, side - 14), noise.integers(6, 10)
        drawn = np.empty((count, side, side, 3), np.uint8)
        drawn[:] = noise.integers(0, 90, 3)
        colour = noise.integers(150, 256, 3)
        for i, frame in enumerate(drawn):
            start = int((side - size) * (i + 0.5) / count)
            frame[row : row + size, start : start + size] = colour
        return drawn

    return draw


def drawn(count=12, *, labels=None, groups=None):
    """Clips that go one way, each a group; those of label 1 are played backwards."""
    labels = [i % 2 for i in range(count)] if labels is None else labels

    def draw(seed, label):
        forwards = moving(seed)
        return lambda count, side: forwards(count, side)[:: 1 - 2 * label]

    clips = tuple(
        Example(
            Video(f"{i}.mp4", Path(f"drawn/{i}.mp4"), label, draw=draw(i, label)),
            label,
            str(i if groups is None else groups[i]),
        )
        for i, label in enumerate(labels)
    )
    return Examples("squares", LABELS, clips, (1, 0))


def seen_and_kept(model, examples, folder):
    seen = see_clips(examples, [model], folder, report=lambda *_: None)
    return seen.heads(0), keep_clips(seen.examples, {model.look}, step=lambda _: None)[model.look]


def order_blind(seed=0):
    """A TSM that ignores the channels of neighbouring frames: each frame stands for itself."""
    model = make_model(spec("tsm"), seed=seed)
    with torch.no_grad():
        for layer in model.network.modules():
            if isinstance(layer, ShiftedConv2d):
                layer.weight[:, : 2 * (layer.in_channels // 8)] = 0
    return model


def taught(model, heads):
    return taught_network(model, fit_all(heads))


def state(network):
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def changed(before, after):
    return {name for name in before if not torch.equal(before[name], after[name])}


def run(network, kept, learn=None, *, which="last", rate=1e-3, passes=2):
    learn = np.arange(len(kept)) if learn is None else learn
    settings = replace(recipe(kept, learn=len(learn)), epochs=passes, learning_rate=rate)
    return list(fine_tune(network, kept, learn, (1, 0), tune=which, spec=settings))
