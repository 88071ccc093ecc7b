"""Actions of the camera itself: what stands on the table stays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from maagn.opposites.action import Action, Element, draw_sign
from maagn.opposites.camera import Camera
from maagn.opposites.cast import Cast
from maagn.opposites.paint import Point
from maagn.opposites.props import Prop


@dataclass(frozen=True)
class Film(Action):
    """Things that stand on the table, from the back to the front, and a camera that moves.

    Attributes:
        things: what stands there, and where.
        start: how far the camera is from where the clip's own camera stands when the action begins.
        end: the same when it is done.
    """

    things: tuple[tuple[Prop, Point], ...]
    start: float
    end: float

    def stage(self, p: float) -> Sequence[Element]:
        """Nothing moves."""
        del p
        return [prop.solid(at) for prop, at in self.things]

    def acted_on(self, stage: Sequence[Element]) -> Sequence[Element]:
        """Nothing: a camera that turns is filming whatever there is."""
        del stage
        return ()

    def _at(self, p: float) -> float:
        return self.start + (self.end - self.start) * p


def _things(cast: Cast, number: int, *, wide: float) -> tuple[tuple[Prop, Point], ...]:
    """So many things, none standing in another: the table is shared out from left to right."""
    rng = cast.rng
    places = []
    for i in range(number):
        x = wide * ((i + rng.uniform(0.25, 0.75)) / number * 2 - 1)
        places.append((cast.prop(scale=(0.9, 1.25)), (x, 0.0, rng.uniform(-0.45, 0.5))))
    return tuple(sorted(places, key=lambda place: -place[1][2]))


@dataclass(frozen=True)
class TurnLeft(Film):
    """About a quarter to a half of the frame's width of view, round the vertical."""

    forward = "Turning the camera left while filming something"
    backward = "Turning the camera right while filming something"

    @classmethod
    def draw(cls, cast: Cast) -> "TurnLeft":
        """Things over the whole width that comes into view."""
        rng = cast.rng
        half, middle = rng.uniform(0.16, 0.30), rng.uniform(-0.06, 0.06)
        things = _things(cast, int(rng.integers(3, 6)), wide=1.5)
        return cls(things, middle + half, middle - half)

    def view(self, camera: Camera, p: float) -> Camera:
        """Turned to the right at first."""
        return replace(camera, yaw=camera.yaw + self._at(p))


@dataclass(frozen=True)
class TurnUp(Film):
    """From the table to the wall."""

    forward = "Turning the camera upwards while filming something"
    backward = "Turning the camera downwards while filming something"

    @classmethod
    def draw(cls, cast: Cast) -> "TurnUp":
        """Things that leave the frame below."""
        rng = cast.rng
        half, middle = rng.uniform(0.14, 0.25), rng.uniform(-0.14, -0.04)
        things = _things(cast, int(rng.integers(1, 4)), wide=0.9)
        return cls(things, middle + half, middle - half)

    def view(self, camera: Camera, p: float) -> Camera:
        """Looking down at first."""
        return replace(camera, pitch=camera.pitch + self._at(p))


@dataclass(frozen=True)
class Approach(Film):
    """The camera comes nearer to a thing, and lower."""

    forward = "Approaching something with your camera"
    backward = "Moving away from something with your camera"

    side: float = 0.0

    @classmethod
    def draw(cls, cast: Cast) -> "Approach":
        """One thing in the middle, at times others farther away."""
        rng = cast.rng
        thing = (cast.prop(scale=(0.9, 1.2)), (rng.uniform(-0.15, 0.15), 0.0, rng.uniform(-0.2, 0)))
        others = tuple(
            (
                cast.prop(scale=(0.7, 1.0)),
                (sign * rng.uniform(0.7, 1.2), 0.0, rng.uniform(0.2, 0.6)),
            )
            for sign in (-1.0, 1.0)
            if rng.random() < 0.5
        )
        far, near = rng.uniform(0.35, 0.7), rng.uniform(-0.95, -0.65)
        return cls((*others, thing), far, near, draw_sign(rng) * rng.uniform(0.0, 0.25))

    def acted_on(self, stage: Sequence[Element]) -> Sequence[Element]:
        """The thing that the camera comes nearer to, which stands before the others."""
        return stage[-1:]

    def view(self, camera: Camera, p: float) -> Camera:
        """The thing stays about where it is in the frame."""
        away = self._at(p)
        share = (camera.distance + away) / camera.distance
        height = camera.height * (0.35 + 0.65 * share)
        return replace(
            camera,
            x=camera.x + self.side * (share - 1),
            height=height,
            distance=camera.distance + away,
            pitch=camera.pitch + 0.12 * (share - 1),
        )
