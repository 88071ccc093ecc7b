from itertools import pairwise

import numpy as np
import pytest

from app.pace import Countdown, Pace

LOOK = 0.1


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def looks(seconds_of, *, forwards: int, every: float = LOOK, first: float = 0.0):
    """What one who looks that often is told, and when, while `forwards` forwards take those."""
    clock = Clock()
    pace, countdown, told = Pace(clock), Countdown(clock), []
    pace.told(0.0)
    ends = first
    look = 0.0
    for done in range(forwards):
        ends += seconds_of(done)
        while look < ends:
            clock.now = look
            told.append((look, countdown.look(pace.seconds_left)))
            look += every
        clock.now = ends
        pace.told((done + 1) / forwards)
    return [(at, left) for at, left in told if left is not None], ends


def longest_growth(told) -> int:
    """Looks in a row of which each was told more than the one before."""
    longest = row = 0
    for (_, before), (_, after) in pairwise(told):
        row = row + 1 if after > before else 0
        longest = max(longest, row)
    return longest


def test_a_steady_pace_is_counted_down_without_the_first_forward():
    told, ends = looks(lambda done: 9.0 if done == 0 else 1.5, forwards=96)
    assert told[0][0] < 9 + 3 * 1.5 + 2 * LOOK  # said early
    assert all(left == pytest.approx(ends - at, abs=1.6) for at, left in told)
    assert longest_growth(told) == 0


@pytest.mark.parametrize("every", [0.1, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("seed", range(20))
def test_it_never_grows_for_more_than_three_looks(seed, every):
    noise = np.random.default_rng(seed)
    busy = noise.integers(5, 80)  # from then on the machine has other things to do
    slower = noise.uniform(1, 4)

    def seconds(done: int) -> float:
        return float(noise.lognormal(0, 0.6) * (slower if busy < done < busy + 30 else 1))

    told, _ = looks(seconds, forwards=96, every=every)
    assert longest_growth(told) <= 3


def test_a_machine_that_becomes_slower_is_told_within_a_dozen_forwards():
    told, ends = looks(lambda done: 1.0 if done < 40 else 3.0, forwards=96)
    late = [(at, left) for at, left in told if at > 40 + 12 * 3 + 5]
    assert all(left == pytest.approx(ends - at, rel=0.25, abs=3) for at, left in late)


def test_a_forward_that_hangs_is_not_told_as_nothing_left():
    clock = Clock()
    pace = Pace(clock)
    for step in range(5):
        clock.now = step
        pace.told(step / 10)
    clock.now = 100
    assert pace.seconds_left == pytest.approx(5)  # six forwards at a second, less the one that runs


def test_nothing_is_said_before_the_pace_is_known():
    pace = Pace(Clock())
    assert pace.seconds_left is None
    for part in (0.0, 0.0, 0.1):
        pace.told(part)
    assert pace.seconds_left is None
    assert Countdown(Clock()).look(None) is None
