"""A published figure stands on the card of the network and the data that it is of, and no other."""

from dataclasses import replace

import pytest

from maagn.errors import CheckpointError
from maagn.labels import something_something_v2
from maagn.nn.build import PRESETS
from maagn.published.facts import FACTS, figure

TSM, TPN = PRESETS["tsm-r50-8f"], PRESETS["tpn-r50-8f"]
NAMES = something_something_v2()
OTHERS = tuple(f"Class {i}" for i in range(174))


def test_a_figure_of_the_network_and_its_data_is_given():
    assert "62.72 % top-1" in str(figure("tsm-r50-8f-sthv2", TSM, NAMES))
    assert "49 % top-1" in str(figure("tpn-r50-8f-sthv1", TPN, NAMES[::-1]))
    bracketed = tuple(name.replace("something", "[something]") for name in NAMES)
    assert figure("tsm-r50-8f-sthv2", TSM, bracketed) is FACTS["tsm-r50-8f-sthv2"]


@pytest.mark.parametrize(
    ("spec", "labels", "advice"),
    [
        pytest.param(TPN, NAMES, "give tpn-r50-8f-sthv1", id="another network"),
        pytest.param(replace(TSM, depth=101), NAMES, "leave it out", id="another depth"),
        pytest.param(replace(TSM, frames=16), NAMES, "leave it out", id="other frames"),
        pytest.param(replace(TSM, classes=5), OTHERS[:5], "leave it out", id="fewer classes"),
        pytest.param(TSM, OTHERS, "of other names: nothing published fits", id="other classes"),
    ],
)
def test_any_other_networks_figure_is_refused(spec, labels, advice):
    with pytest.raises(CheckpointError) as caught:
        figure("tsm-r50-8f-sthv2", spec, labels)
    said = str(caught.value)
    assert "is the figure of TSM, ResNet-50, 8 frames, 174 classes" in said
    assert advice in said
    assert said.count(".") == 1  # one sentence


def test_an_unknown_figure_is_refused_with_the_known_ones():
    with pytest.raises(CheckpointError, match=r"Nothing published is called tsm: tsm-r50-8f-sthv2"):
        figure("tsm", TSM, NAMES)


def test_every_figure_fits_the_preset_that_it_is_of():
    for name, fact in FACTS.items():
        assert figure(name, PRESETS[fact.preset], NAMES) is fact
