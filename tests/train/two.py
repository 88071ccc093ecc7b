"""A run of two steps whose weights and first gradients are kept; started by a test, by torchrun.

Sums are of double precision, so that their order does not show. Dropout is off, and normalisation
keeps its first statistics: a process sees its share of the batch alone, and torch's SyncBatchNorm,
which would join them, exists on GPUs only.
"""

import sys
from dataclasses import replace
from pathlib import Path

import torch
from torch.nn.modules.batchnorm import _BatchNorm

from maagn.train import devices, loop
from tests.train.made import MAAGN, MadeClips

SPEC = replace(
    MAAGN,
    changes=(*MAAGN.changes, ("dropout", "0")),
    optimiser="sgd",
    learning_rate=0.1,
    warmup=0.0,
    epochs=1,
    accumulate=2,
    precision="64-true",
    reversal=True,  # of two classes of the four: the processes have unlike numbers of clips
)


def two_steps(out: Path) -> None:
    """Write `out`, and beside it the gradients of the first step as `<out>.gradients`."""
    exact = loop.gradients
    train = _BatchNorm.train

    def noted(fabric, objective, batch, *, parts):
        loss = exact(fabric, objective, batch, parts=parts)
        path = out.with_suffix(".gradients")
        if fabric.is_global_zero and not path.exists():
            torch.save({n: p.grad for n, p in objective.module.named_parameters()}, path)
        return loss

    loop.gradients = noted
    loop.open_data = lambda spec, **_: (MadeClips(spec.clips), MadeClips(spec.validation_clips))
    devices.keep_time_in_float32 = lambda _: None
    loop.validate = lambda *_, **__: 0.0  # shows clips of single precision, and is not the question
    _BatchNorm.train = lambda self, _=True: train(self, mode=False)
    loop.train(SPEC, out=out)
    # One that is left may want Python while it ends: the process is aborted.
    names = [path.read_text() for path in Path("/proc/self/task").glob("*/comm")]
    print(f"left: {sum('gloo' in name for name in names)} threads", flush=True)


if __name__ == "__main__":
    two_steps(Path(sys.argv[1]))
