"""How far a scene has come at each moment of its clip."""

from dataclasses import dataclass
from math import exp, pi, sin

import numpy as np

_TICKS = 1_000_000  # scene times are kept to a millionth, so that 1 - (1 - t) is t


@dataclass(frozen=True)
class Pace:
    """Progress of the scene over its time.

    Attributes:
        pause: stillness at the beginning and at the end, as shares of the clip.
        done: progress at the beginning and at the end, in [0, 1]; a part of the action may be all
            that is seen.
        bend: exponent of the curve; 1 is even.
        waver: amplitude by which the hand goes back and forth on its way, as a share of the way.
        beats: how often it does so.
        entry: where the clip enters the scene, in [0, 1): above zero, the clip is a loop entered at
            that moment, with a cut where the scene begins again, and its first frame says nothing
            about the direction.
    """

    pause: tuple[float, float]
    done: tuple[float, float]
    bend: float
    waver: float
    beats: float
    entry: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Pace":
        """A pace at random, from a distribution that reversal in time leaves as it is."""
        return cls(
            pause=(rng.uniform(0, 0.22), rng.uniform(0, 0.22)),
            done=(rng.uniform(0, 0.28), 1 - rng.uniform(0, 0.28)),
            bend=exp(rng.uniform(-0.4, 0.4)),
            waver=rng.uniform(0, 0.07),
            beats=rng.uniform(1.0, 3.0),
            entry=rng.uniform(0.05, 0.95) if rng.random() < 0.4 else 0.0,
        )

    @property
    def looped(self) -> bool:
        """Whether the clip enters the scene after its beginning."""
        return self.entry > 0

    def scene_time(self, time: float, *, reverse: bool) -> float:
        """The moment of the scene, in [0, 1], that is shown at that moment of the clip."""
        ticks = round((1 - time if reverse else time) * _TICKS) + round(self.entry * _TICKS)
        return (ticks - _TICKS if ticks > _TICKS else ticks) / _TICKS

    def progress(self, scene_time: float) -> float:
        """Progress in [0, 1] at that moment of the scene in [0, 1]."""
        start, end = self.pause
        x = min(1.0, max(0.0, (scene_time - start) / (1 - start - end)))
        # x^b / (x^b + (1-x)^b): bent evenly about the middle.
        a, b = x**self.bend, (1 - x) ** self.bend
        way = a / (a + b) + self.waver * sin(2 * pi * self.beats * x) * sin(pi * x)
        low, high = self.done
        return min(1.0, max(0.0, low + (high - low) * way))
