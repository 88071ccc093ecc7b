"""What a pair of opposite actions is: a scene that can be staged at any progress.

An action says what stands where at progress 0 (the forward class begins) to 1 (it is done). Its
reverse plays the very same scene backwards, so no draw may depend on which of the two is wanted.
Hands follow from this: a push seen backwards has the hand where a pull would have it. So a hand
holds what it moves from a side drawn without regard to the direction, in both members of a pair.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from maagn.opposites.camera import Camera
from maagn.opposites.cast import Cast
from maagn.opposites.hand import Grip, HandLook
from maagn.opposites.paint import Point, Sheet, Solid
from maagn.opposites.props import Prop


@dataclass(frozen=True)
class Held:
    """Things in a hand: its far fingers are painted before them, the rest after."""

    grip: Grip
    solids: tuple[Solid, ...] = ()


Element = Held | Solid | Sheet


def ease(x: float) -> float:
    """Smoothstep of x held to [0, 1]."""
    x = min(1.0, max(0.0, x))
    return x * x * (3 - 2 * x)


def span(p: float, start: float, end: float) -> float:
    """How much of the stretch from start to end is done at p, eased, in [0, 1]."""
    return ease((p - start) / (end - start))


def between(a: Point, b: Point, share: float) -> Point:
    """The point that share of the way from a to b."""
    x, y, z = (u + (v - u) * share for u, v in zip(a, b, strict=True))
    return (x, y, z)


def beside(sign: float) -> tuple[float, float]:
    """Range of sides, in degrees, of an arm from the right (sign > 0) or from the left."""
    return (-25.0, 50.0) if sign > 0 else (130.0, 205.0)


def hold(look: HandLook, thing: Prop, at: Point, *, reach: float = 1.0) -> Grip:
    """That hand's grip of a thing whose foot is there."""
    return Grip(look, thing.middle(at), thing.radius, thing.rise, reach)


def draw_sign(rng: np.random.Generator) -> float:
    """-1 or 1."""
    return 1.0 if rng.random() < 0.5 else -1.0


class Action(ABC):
    """A pair of classes and one drawn scene of it."""

    forward: ClassVar[str]
    backward: ClassVar[str]

    @classmethod
    @abstractmethod
    def draw(cls, cast: Cast) -> "Action":
        """A scene at random, the same for both members of the pair."""

    def view(self, camera: Camera, p: float) -> Camera:
        """Where the camera is at progress p; by default it stays."""
        del p
        return camera

    def acted_on(self, stage: Sequence[Element]) -> Sequence[Element]:
        """Of what is staged, whatever the class's name calls `something`; by default all of it.

        Args:
            stage: as `stage` gave it. What is held counts; the hand that holds it does not.
        """
        return stage

    @abstractmethod
    def stage(self, p: float) -> Sequence[Element]:
        """What is to be seen at progress p in [0, 1], from the back to the front."""
