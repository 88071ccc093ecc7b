"""What the action takes no part in: a wall, a table, things at its far end, and the light."""

from dataclasses import dataclass
from math import sin

import numpy as np

from maagn.opposites.cast import Cast
from maagn.opposites.paint import Canvas, Point, paint_shadows, paint_solid
from maagn.opposites.props import Prop
from maagn.opposites.surface import Table, Wall


@dataclass(frozen=True)
class Distractor:
    """A thing that the action is not about; it stands still, or slides to and fro.

    Attributes:
        prop: the thing.
        at: the middle of its way.
        reach: how far it goes to each side, in table units; 0 stands still.
        beat: angular frequency and phase of its way.
    """

    prop: Prop
    at: Point
    reach: float
    beat: tuple[float, float]

    def place(self, time: float) -> Point:
        """Where it is at that moment of the scene, in [0, 1]."""
        frequency, phase = self.beat
        return (self.at[0] + self.reach * sin(frequency * time + phase), self.at[1], self.at[2])


@dataclass(frozen=True)
class Backdrop:
    """A place.

    Attributes:
        wall: behind the table.
        table: what everything stands on.
        distractors: things at the far end.
        light: unit vector towards the light.
        vignette: how much darker the corners are, in [0, 1].
    """

    wall: Wall
    table: Table
    distractors: tuple[Distractor, ...]
    light: tuple[float, float, float]
    vignette: float

    @classmethod
    def draw(cls, cast: Cast) -> "Backdrop":
        """A place at random."""
        rng = cast.rng
        light = np.array([rng.uniform(-0.7, 0.7), 1.0, rng.uniform(-0.8, -0.2)])
        light /= np.linalg.norm(light)
        places = rng.permutation([-1.15, -0.55, 0.05, 0.6, 1.2])[: rng.integers(0, 4)]
        distractors = tuple(
            Distractor(
                prop=cast.prop(scale=(0.65, 1.0)),
                at=(x + rng.uniform(-0.15, 0.15), 0.0, rng.uniform(0.78, 1.0)),
                reach=rng.uniform(0.15, 0.5) if rng.random() < 0.35 else 0.0,
                beat=(rng.uniform(2, 9), rng.uniform(0, 6.3)),
            )
            for x in places
        )
        return cls(
            wall=Wall.draw(cast.texture()),
            table=Table.draw(cast.texture()),
            distractors=distractors,
            light=(float(light[0]), float(light[1]), float(light[2])),
            vignette=rng.uniform(0.1, 0.45),
        )

    def paint_still(self, canvas: Canvas) -> None:
        """What looks the same at every moment, from one place of the camera."""
        self.wall.paint(canvas)
        self.table.paint(canvas)
        _paint(canvas, [d for d in self.distractors if not d.reach], 0.0)

    def paint_moving(self, canvas: Canvas, time: float) -> None:
        """The things that move, at that moment of the scene."""
        _paint(canvas, [d for d in self.distractors if d.reach], time)


def _paint(canvas: Canvas, distractors: list[Distractor], time: float) -> None:
    placed = [(d.prop, d.place(time)) for d in distractors]
    paint_shadows(canvas, [(at, prop.radius) for prop, at in placed])
    for prop, at in placed:
        paint_solid(canvas, prop.solid(at))
