from dataclasses import replace

import pytest
import torch

from maagn.config import TrainSpec
from maagn.train import pace
from maagn.train.pace import Pace, duration, forecast


def test_the_first_step_is_not_measured_and_the_pace_is_told_once(monkeypatch):
    moments = iter([0.0, 100.0, 110.0, 111.0, 113.0, 150.0, 153.0, 154.0])
    monkeypatch.setattr(pace.time, "perf_counter", lambda: next(moments))
    measured = Pace()
    measured.begin()  # at 100
    found = [measured.step() for _ in range(2)]
    measured.step()  # 2 s
    measured.begin()  # at 150, after a validation
    assert [*found, measured.step(), measured.step()] == [None, None, 2.0, None]


def test_the_forecast_is_of_whole_batches():
    spec = replace(TrainSpec("tsn-demo"), clips=1000, batch=8)
    said = forecast(spec, seconds_a_step=4.0, device=torch.device("cpu"))
    assert said == "About 8.3 minutes an epoch on this CPU; 2 clips/s."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.213, "0.21 seconds"),
        (80.4, "80 seconds"),
        (100.0, "1.7 minutes"),
        (7200.0, "2 hours"),
        (200_000.0, "2.3 days"),
        (1e8, "1,157 days"),
    ],
)
def test_times_are_told_in_the_unit_that_people_use(seconds, words):
    assert duration(seconds) == words
