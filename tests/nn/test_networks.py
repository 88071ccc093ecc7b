"""What holds of every network that a spec can describe."""

from random import Random

import pytest
import torch
from torch import Tensor, nn

from maagn.nn.build import build
from maagn.nn.taps import record
from tests.tiny import SPECS, clip_for, clip_tensor, network, never_matters, spec

every_network = pytest.mark.parametrize("arch", SPECS)
VARIANTS = {
    **SPECS,
    "maagn without shift": spec("maagn", shift=False),
    "tpn without shift": spec("tpn", shift=False),
}


@every_network
def test_logits_and_training_logits(arch):
    made = network(spec(arch))
    x = clip_for(made, batch=2)
    logits, auxiliary = made.training_logits(x)
    assert logits.shape == (2, 5)
    torch.testing.assert_close(logits, made(x))
    assert (auxiliary is None) == (arch not in ("maagn", "tpn"))
    assert auxiliary is None or auxiliary.shape == (2, 5)


@every_network
def test_evaluation_is_deterministic_and_does_not_mix_clips(arch):
    made = network(spec(arch))
    x = clip_for(made, batch=2)
    with torch.no_grad():
        first = made(x)
        assert torch.equal(first, made(x))
        torch.testing.assert_close(first[:1], made(x[:1]), rtol=1e-5, atol=1e-5)


@every_network
def test_a_state_dict_makes_the_network_again(arch):
    made = network(spec(arch), seed=1)
    again = build(spec(arch)).eval()
    again.load_state_dict(made.state_dict())
    x = clip_for(made)
    assert torch.equal(made(x), again(x))
    assert not torch.allclose(made(x), network(spec(arch), seed=2)(x))


@every_network
def test_bfloat16_autocast_makes_numbers(arch):
    made = network(spec(arch))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits, auxiliary = made.training_logits(clip_for(made))
    assert logits.dtype == torch.bfloat16
    assert logits.isfinite().all()
    assert auxiliary is None or auxiliary.isfinite().all()
    torch.testing.assert_close(logits.float(), made(clip_for(made)), rtol=0.1, atol=0.1)


def loss_of(made: nn.Module, x: Tensor) -> Tensor:
    logits = [part for part in made.training_logits(x) if part is not None]
    classes = torch.arange(len(x)) % 5
    return sum(nn.functional.cross_entropy(part, classes) for part in logits)


@every_network
def test_every_parameter_gets_a_finite_gradient_once_gates_are_open(arch):
    made = network(spec(arch))
    loss_of(made, clip_for(made, batch=8)).backward()
    for name, parameter in made.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.any() or never_matters(arch, name), name


def test_with_closed_gates_alpha_alone_learns_of_the_gate():
    made = network(spec("maagn"), gated=False)
    loss_of(made, clip_tensor(batch=8)).backward()
    for index, path in enumerate(made.paths):
        waiting = [*path.agm.conv1.parameters(), *path.agm.gate.inner.parameters()]
        waiting += [*path.agm.gate.outer.parameters()]
        assert all(torch.equal(p.grad, torch.zeros_like(p)) for p in waiting), index
        assert path.agm.gate.alpha.grad.any(), index


def orders(frames: int = 8) -> list[list[int]]:
    """Backwards, and twenty of all others; never the clip's own."""
    chance = Random(0)
    spread = (chance.sample(range(frames), frames) for _ in range(20))
    return [list(reversed(range(frames))), *spread]


def changes(made: nn.Module) -> list[float]:
    x = clip_for(made)
    with torch.no_grad():
        asked = torch.cat([x, *(x[:, :, order] for order in orders(made.spec.frames))])
        logits = made(asked)
    return (logits[1:] - logits[0]).abs().amax(dim=1).tolist()


def test_the_order_of_frames_is_nothing_to_tsn():
    assert len(set(map(tuple, orders()))) == 21
    assert list(range(8)) not in orders()
    assert max(changes(network(spec("tsn")))) < 1e-5


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "tsn"])
def test_the_order_of_frames_matters_to_all_others(variant):
    assert min(changes(network(VARIANTS[variant]))) > 1e-4


def test_the_prediction_of_maagn_is_the_plain_mean_of_its_paths_votes():
    made = network(spec("maagn"))
    with record(made) as taps:
        logits = made(clip_tensor(batch=2))
    assert taps["votes"].shape == (2, 3, 5)
    by_hand = (taps["votes"][:, 0] + taps["votes"][:, 1] + taps["votes"][:, 2]) / 3
    torch.testing.assert_close(logits, by_hand)


def test_each_path_sees_its_level_at_its_own_rate():
    made = network(spec("maagn"))
    with record(made) as taps:
        made(clip_tensor())
    for index, (stage, rate) in enumerate([(3, 1), (4, 2), (5, 4)]):
        whole = taps[f"backbone.res{stage}"]
        assert torch.equal(taps[f"paths.{index}.input"], whole[:, ::rate])
        assert taps[f"paths.{index}.output"].shape == whole[:, ::rate].shape


def test_a_tpn_sees_all_frames_on_every_level():
    made = network(spec("tpn"))
    shapes = [tuple(level.shape) for level in made.levels(made.backbone(clip_tensor()))]
    assert shapes == [(1, 32, 8, 2, 2), (1, 64, 8, 1, 1)]


@pytest.mark.parametrize("fusion", ["none", "sdm", "mtam", "sdm>mtam", "mtam>sdm", "sum", "agm"])
def test_every_row_of_table_3_makes_a_network(fusion):
    made = network(spec("maagn", fusion=fusion))
    logits = made(clip_tensor())
    assert logits.shape == (1, 5)
    assert logits.isfinite().all()


@pytest.mark.parametrize("combine", ["multiply", "add", "subtract"])
def test_every_row_of_table_4_makes_another_network(combine):
    chosen = network(spec("maagn"))
    other = network(spec("maagn", sdm_combine=combine))
    other.load_state_dict(chosen.state_dict())
    assert not torch.allclose(other(clip_tensor()), chosen(clip_tensor()), atol=1e-4)


def test_dropout_acts_in_training_alone():
    made = network(spec("tsn"))
    made.head.train()
    torch.manual_seed(0)
    assert not torch.equal(made(clip_tensor()), made(clip_tensor()))
