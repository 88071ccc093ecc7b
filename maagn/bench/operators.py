"""Where a forward's time goes, and how it stands beside what others use."""

from collections.abc import Callable, Iterator
from copy import deepcopy

import torch
from einops import rearrange
from torch.profiler import ProfilerActivity, profile

from maagn.bench.row import Row, row
from maagn.bench.subject import forward, noise, subject, timed
from maagn.explain.cam import cam
from maagn.inference import prepare, trace
from maagn.nn import torchvision_ops  # noqa: F401 - must come before torchvision

from pytorch_grad_cam import GradCAM  # isort: skip
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget  # isort: skip
from torchvision.models.video import r2plus1d_18  # isort: skip

KINDS = {
    "convolutions of oneDNN": ("mkldnn_convolution",),
    "other convolutions": ("_slow_conv2d_forward", "slow_conv3d_forward"),
    "shift, copies and fills": ("_Shift", "copy_", "fill_", "zero_", "cat"),
    "BatchNorm": ("native_batch_norm",),
    "ReLU": ("clamp_min", "clamp_min_", "relu_"),
    "sums and products": (
        "add", "add_", "sub", "sub_", "mul", "mul_", "mm", "addmm", "bmm", "sum", "mean", "rsqrt",
    ),
    "pooling": ("max_pool2d_with_indices", "max_pool3d_with_indices", "avg_pool3d"),
}  # fmt: skip
REST = "the rest"
RUNS = 5


def shares(short: bool) -> dict[str, dict[str, float]]:
    """Shares of MAAGN's forward, in [0, 1], by kind of operator (`KINDS` and the rest).

    An operator's time is its own, without that of those which it calls.

    Returns:
        The network as it is trained, and its fast twins.
    """
    clip, maagn = noise(), subject("maagn", short)
    data = prepare(maagn, clip).data

    def trained() -> object:
        return maagn.network.requires_grad_(True)(data)

    found = {"as it is trained": _shares(trained)}
    maagn.network.requires_grad_(False)
    return found | {"fast twins": _shares(forward(maagn, clip))}


def _shares(run: Callable[[], object]) -> dict[str, float]:
    run()
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        for _ in range(RUNS):
            run()
    taken = dict.fromkeys((*KINDS, REST), 0.0)
    for event in seen.key_averages():
        name = event.key.removeprefix("aten::")
        kind = next((kind for kind, names in KINDS.items() if name in names), REST)
        taken[kind] += event.self_cpu_time_total
    whole = sum(taken.values())
    return {kind: time / whole for kind, time in taken.items()}


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
            target_layers=[theirs.get_submodule("backbone.res4_tap")],
            reshape_transform=lambda x: rearrange(x, "n t c h w -> n c t h w"),
        ) as made:
            return made(input_tensor=data, targets=[ClassifierOutputTarget(0)])

    def r2plus1d() -> object:
        with torch.inference_mode():
            return other(data)

    works = {
        "MAAGN": forward(maagn, clip),
        "MAAGN with Grad-CAM": lambda: cam(maagn, trace(maagn, clip), 0, method="gradcam"),
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
