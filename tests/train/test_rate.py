import pytest

from maagn.config import RECIPES, TrainSpec
from maagn.train.schedule import rate, steps


def test_the_rate_rises_then_falls_to_zero():
    spec = TrainSpec("tsn-demo", epochs=10, clips=100, batch=10, warmup=0.1)
    total = steps(spec)
    rates = [rate(step, spec) for step in range(total)]
    assert total == 100
    assert rates[0] == pytest.approx(1 / 11)
    assert max(rates) == rates[10] == 1.0
    assert rates[55] == pytest.approx(0.5)
    assert rates[-1] < 0.001


@pytest.mark.parametrize(("recipe", "first"), [("paper-something", 75), ("paper-kinetics", 100)])
def test_the_papers_rate_falls_in_two_steps(recipe, first):
    spec = RECIPES[recipe]
    spec = TrainSpec(**{**vars(spec), "clips": 64})  # two steps an epoch
    rates = [rate(step, spec) for step in range(steps(spec))]
    assert len(rates) == 300
    assert rates[: 2 * first] == [1.0] * 2 * first
    assert rates[2 * first : 250] == pytest.approx([0.1] * (250 - 2 * first))
    assert rates[250:] == pytest.approx([0.01] * 50)
