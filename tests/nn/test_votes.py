"""What paths vote by (decision 0028): the paper's form, and what a TPN or TSM classifies by."""

import pytest
import torch

from maagn.config import ModelSpec
from maagn.nn.build import build
from maagn.nn.taps import record
from tests.tiny import clip_tensor, network, spec

SHARED = {"own+levels": 32, "own+last": 64}
shared = pytest.mark.parametrize("votes", SHARED)


@shared
def test_the_prediction_is_the_plain_mean_of_linear_classifiers(votes):
    made, x = network(spec("maagn", votes=votes)), clip_tensor(batch=2)
    with torch.no_grad(), record(made) as taps:
        logits = made(x)
        read = made.head_inputs(made.forward_features(x))
    by_hand = [layer(each) for layer, each in zip(made.classifiers, read, strict=True)]
    torch.testing.assert_close(torch.stack(by_hand, dim=1), taps["votes"])
    torch.testing.assert_close(taps["votes"].mean(dim=1), logits)


@shared
def test_all_paths_read_the_same_behind_their_own(votes):
    made, x = network(spec("maagn", votes=votes)), clip_tensor(batch=2)
    plain = network(spec("maagn"))
    plain.load_state_dict(
        {k: v for k, v in made.state_dict().items() if not k.startswith("heads.")}, strict=False
    )
    with torch.no_grad():
        read = made.head_inputs(made.forward_features(x))
        own = plain.head_inputs(plain.forward_features(x))
    for each, alone in zip(read, own, strict=True):
        torch.testing.assert_close(each[:, :16], alone)
        assert torch.equal(each[:, 16:], read[0][:, 16:])
        assert each.shape[1] == 16 + SHARED[votes]


def test_the_last_paths_mean_is_over_time_and_place():
    made, x = network(spec("maagn", votes="own+last")), clip_tensor(batch=2)
    with torch.no_grad(), record(made) as taps:
        made(x)
        read = made.head_inputs(made.forward_features(x))[0]
    assert torch.equal(read[:, 16:], taps["paths.2.output"].mean(dim=(1, 3, 4)))


def test_what_levels_share_is_what_a_tpn_reads():
    of = {"levels": (4, 5), "rates": (1, 1)}
    made = network(spec("maagn", votes="own+levels", fusion="none", **of))
    tpn = network(spec("tpn"))
    mine = {k: v for k, v in made.state_dict().items() if k in tpn.state_dict()}
    assert set(tpn.state_dict()) - set(mine) == {"head.1.weight", "head.1.bias"}
    tpn.load_state_dict(mine, strict=False)
    x = clip_tensor(batch=2)
    with torch.no_grad():
        (theirs,) = tpn.head_inputs(tpn.forward_features(x))
        for read in made.head_inputs(made.forward_features(x)):
            torch.testing.assert_close(read[:, 16:], theirs)


@shared
def test_every_parameter_learns(votes):
    made = network(spec("maagn", votes=votes)).train()
    logits, auxiliary = made.training_logits(clip_tensor(batch=2))
    torch.autograd.backward(logits.square().sum() + auxiliary.square().sum())
    for name, parameter in made.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.any(), name


def test_a_spec_of_an_earlier_version_votes_as_the_paper_says():
    values = spec("maagn").as_dict()
    del values["votes"]
    assert ModelSpec.from_dict(values) == spec("maagn")
    assert spec("maagn").votes == "own"


@pytest.mark.usefixtures("unchecked")
def test_other_votes_are_refused():
    with pytest.raises(ValueError, match=r"paths vote by own, own\+levels, own\+last, got all"):
        build(spec("maagn", votes="all"))
