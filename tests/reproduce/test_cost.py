import pytest

from maagn.config import DEMO_TRANSFORM
from maagn.nn.build import PRESETS, build
from maagn.reproduce.cost import cost, ratio, step_seconds
from tests.nn.test_counts import macs, parameters


def test_cost_is_what_the_network_has():
    spec = PRESETS["tsm-demo"]
    found = cost(spec, side=DEMO_TRANSFORM.crop)
    assert found.parameters == parameters(build(spec))
    assert found.macs == macs("tsm-demo")


def test_every_network_is_timed_in_every_round():
    spec = PRESETS["tsn-demo"]
    seconds = step_seconds({"a": spec, "b": spec}, side=32, batch=2, rounds=3)
    assert [len(values) for values in seconds.values()] == [3, 3]
    assert min(min(values) for values in seconds.values()) > 0


def test_ratio_is_the_median_of_rounds():
    assert ratio([1.0, 2.0, 9.0], [1.0, 1.0, 3.0]) == pytest.approx(2.0)
