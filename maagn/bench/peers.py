"""How does it stand beside what others use? The same clip, random weights, the same run."""

from collections.abc import Iterator
from copy import deepcopy

import torch
from einops import rearrange

from maagn.bench.row import Row, row
from maagn.bench.subject import forward, noise, subject, timed
from maagn.explain import torchvision_ops  # noqa: F401 - must come before torchvision
from maagn.explain.cam import cam
from maagn.predict import prepare
from maagn.trace import trace

from pytorch_grad_cam import GradCAM  # isort: skip
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget  # isort: skip
from torchvision.models.video import r2plus1d_18  # isort: skip


def peers(short: bool) -> Iterator[Row]:
    """pytorch-grad-cam as its README uses it, R(2+1)D-18, and a ResNet on every frame."""
    clip = noise()
    maagn = subject("maagn", short)
    data = prepare(maagn, clip).data
    theirs = deepcopy(maagn.network).requires_grad_(True)
    other = r2plus1d_18().eval()

    def library() -> object:
        with GradCAM(
            model=theirs,
            target_layers=[theirs.backbone.get_submodule("res4_tap")],
            reshape_transform=lambda x: rearrange(x, "n t c h w -> n c t h w"),
        ) as made:
            return made(input_tensor=data, targets=[ClassifierOutputTarget(0)])

    def r2plus1d() -> object:
        with torch.inference_mode():
            return other(data)

    works = {
        "MAAGN": forward(maagn, clip),
        "MAAGN with Grad-CAM": lambda: cam(maagn, trace(maagn, clip), 0),
        "pytorch-grad-cam": library,
        "R(2+1)D-18": r2plus1d,
        "ResNet": forward(subject("tsn", short), clip),
    }
    taken = timed(works, short=short)
    yield row(
        "peers, pytorch-grad-cam",
        "MAAGN with Grad-CAM / pytorch-grad-cam on the same network, as its README shows", taken,
        over=("MAAGN with Grad-CAM", "pytorch-grad-cam"), target=1.0,
    )  # fmt: skip
    yield row(
        "peers, R(2+1)D-18", "MAAGN's forward / R(2+1)D-18's of torchvision", taken,
        over=("MAAGN", "R(2+1)D-18"),
    )  # fmt: skip
    yield row(
        "peers, ResNet", "MAAGN's forward / a ResNet's on every frame", taken,
        over=("MAAGN", "ResNet"), note="the floor: the backbone without shift, and no neck",
    )  # fmt: skip
