"""Where does a forward's time go? Shares by kind of operator, by PyTorch's own profiler."""

from collections.abc import Callable

from torch.profiler import ProfilerActivity, profile

from maagn.bench.subject import forward, noise, subject
from maagn.predict import prepare

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
