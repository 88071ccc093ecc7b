from dataclasses import replace

import torch

from maagn.config import TrainSpec
from maagn.train.devices import keep_time_in_float32
from maagn.train.state import Run

# 16 channels a group and 2 frames on the last path: where bfloat16's gradient went wrong.
SPEC = TrainSpec("maagn-demo", changes=(("width", "8"), ("dropout", "0")))


def test_bfloat16_gives_nearly_the_gradients_of_float32():
    torch.manual_seed(0)
    run = Run.start(SPEC, classes=4)
    keep_time_in_float32(run.network)
    batch = torch.rand(8, 3, 8, 64, 64), torch.arange(8) % 4
    found = []
    for enabled in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            run.objective(*batch).backward()
        found.append(run.network.pyramid.temporal[2][0].weight.grad.clone())
        run.objective.zero_grad()
    exact, rounded = found
    assert (rounded - exact).norm() < 0.5 * exact.norm()


def test_the_network_stays_the_same():
    plain, kept = (Run.start(replace(SPEC), classes=4).network.eval() for _ in range(2))
    keep_time_in_float32(kept)
    kept.load_state_dict(plain.state_dict())
    clip = torch.rand(1, 3, 8, 64, 64)
    torch.testing.assert_close(plain(clip), kept(clip), rtol=0, atol=0)
