import pytest

from maagn.nn.baselines import TPN, TSN
from maagn.nn.build import build
from maagn.nn.maagn import MAAGN
from tests.tiny import spec


@pytest.mark.parametrize(
    ("arch", "network"), [("maagn", MAAGN), ("tpn", TPN), ("tsm", TSN), ("tsn", TSN)]
)
def test_every_architecture(arch, network):
    made = build(spec(arch))
    assert type(made) is network
    assert made.spec == spec(arch)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param(
            {"frames": 8, "rates": (1, 2, 8)},
            r"level res5 at rate 8 has 1 of 8 frames; SDM needs an even number, at least 2",
            id="one frame",
        ),
        pytest.param(
            {"frames": 6, "rates": (1, 2, 3)},
            r"level res4 at rate 2 has 3 of 6 frames; SDM needs an even number",
            id="three frames",
        ),
        pytest.param(
            {"frames": 8, "rates": (1, 3, 4)},
            r"level res4 at rate 3 has 2\.66667 of 8 frames",
            id="a part of a frame",
        ),
        pytest.param(
            {"rates": (1, 2)}, "3 levels need as many rates.* got 1, 2$", id="too few rates"
        ),
        pytest.param(
            {"rates": (1, 2, 4, 4)},
            "3 levels need as many rates.* got 1, 2, 4, 4",
            id="too many rates",
        ),
        pytest.param({"rates": (0, 2, 4)}, "each at least 1, got 0, 2, 4", id="no rate"),
        pytest.param({"levels": (5, 4, 3)}, "levels .* got 5, 4, 3", id="deep to shallow"),
        pytest.param({"levels": (3, 3, 5)}, "levels .* got 3, 3, 5", id="a level twice"),
        pytest.param({"levels": (1, 2, 3)}, "levels .* got 1, 2, 3", id="no such level"),
        pytest.param({"levels": (5,), "rates": (1,)}, "levels .* got 5", id="one level"),
        pytest.param({"depth": 20}, "depths .* got 20", id="no such depth"),
    ],
)
def test_a_spec_that_contradicts_itself_is_refused_with_the_place(changes, message):
    with pytest.raises(ValueError, match=message):
        build(spec("maagn", **changes))


def test_the_pyramid_of_tpn_has_levels_but_no_rates():
    assert len(build(spec("tpn", rates=())).pyramid.spatial) == 2
    with pytest.raises(ValueError, match=r"levels .* got 5, 4"):
        build(spec("tpn", levels=(5, 4)))


@pytest.mark.parametrize(("arch", "shift"), [("tsm", False), ("tsn", True)])
def test_the_shift_tells_tsm_from_tsn(arch, shift):
    with pytest.raises(ValueError, match=f"{arch} is defined by shift={not shift}"):
        build(spec(arch, shift=shift))


@pytest.mark.usefixtures("unchecked")
def test_an_unknown_architecture_is_refused():
    with pytest.raises(ValueError, match="unknown architecture 'r3d'"):
        build(spec("tsn", arch="r3d"))
