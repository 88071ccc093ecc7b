"""A network of which everything is known by hand: its prediction is its mask, and nothing else.

A clip is grey in its first half; in its second half one pixel is lighter by some amount and one
darker, so that the mean of every frame is the same. SDM's mask on the first path is sigmoid(4)
where that amount is large and sigmoid(-4) where it is zero, and the network answers class 1 where
frames weigh much. On the second path SDM's mask is the same number for every clip.
"""

from functools import partial

import numpy as np
import torch

from maagn.checkpoint import Model, Provenance
from maagn.config import TransformSpec
from maagn.data.videos import Video, VideoSet
from maagn.nn.build import build
from maagn.nn.maagn import MAAGN, Modulated
from tests.tiny import spec

LABELS = ("Opening something", "Closing something")
GREY, STEP = 128, 100
SPEC = spec("maagn", classes=2, fusion="sdm", levels=(4, 5), rates=(1, 2))


class Planted(MAAGN):
    def forward_features(self, clip):
        frames = clip.transpose(1, 2)
        return {level: frames.contiguous() for level in self.spec.levels}

    def modulate(self, index, fused):
        level = fused.mean(dim=(1, 2, 3, 4))[:, None, None, None, None]
        return Modulated(getattr(self.pyramid, f"level{index}_tap")(level), None)

    def votes(self, modulated):
        """Class 1 where the first path's frames weigh more than 1.6 times what came in."""
        weight = modulated[0].level[:, 0, 0, 0, 0] / (GREY / 255) - 1.6
        own = torch.stack([-10 * weight, 10 * weight], dim=1)
        return torch.stack([own, torch.zeros_like(own)], dim=1)


def planted_model() -> Model:
    network = build(SPEC).eval().requires_grad_(False)
    network.__class__ = Planted
    for path, large in zip(network.paths, (1.0, 0.0), strict=True):
        sdm = path.sdm
        for layer in (sdm.squeeze, sdm.expand):
            layer.weight.zero_()
            layer.bias.zero_()
        sdm.squeeze.weight[0] = 1 / sdm.squeeze.in_channels
        sdm.squeeze.bias[1] = -1.0  # a unit that nothing wakes
        sdm.squeeze.bias[2:] = 1.0
        sdm.expand.weight[:, 0] = large * 8 / (STEP / 255)
        sdm.expand.bias.fill_(-4.0)
    return Model(
        name="planted",
        network=network,
        spec=SPEC,
        labels=LABELS,
        transform=TransformSpec(resize=8, crop=8, mean=(0.0,) * 3, std=(1.0,) * 3),
        provenance=Provenance("nothing", "none", 0, 0, 0, 0, "none"),
        digest="planted",
    )


def draw(step, frames, side):
    clip = np.full((frames, side, side, 3), GREY, np.uint8)
    clip[frames // 2 :, 2, 2] += np.uint8(step)
    clip[frames // 2 :, 5, 5] -= np.uint8(step)
    return clip


def planted_set(rows, *, split, folder) -> VideoSet:
    """Drawn clips.

    Args:
        rows: of each its class and whether the pixels change.
    """
    videos = tuple(
        Video(f"{split}/{i}", folder / split / str(i), label, draw=partial(draw, STEP * changes))
        for i, (label, changes) in enumerate(rows)
    )
    return VideoSet("planted", "drawn", folder, split, LABELS, videos)
