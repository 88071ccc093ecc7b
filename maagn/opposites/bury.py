"""Burying and digging out: a thing and a tray of sand, soil or beads."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maagn.opposites.action import Action, Element, Held, beside, between, draw_sign, span
from maagn.opposites.cast import Cast
from maagn.opposites.hand import Grip, HandLook
from maagn.opposites.paint import Colour, Point, Sheet, Solid
from maagn.opposites.props import Prop, draw_colour

_FILLINGS: dict[str, tuple[tuple[Colour, ...], float]] = {
    # Colours of the grains, and how much their tones differ.
    "sand": (((216, 186, 132), (202, 170, 116)), 0.05),
    "soil": (((92, 64, 44), (74, 50, 34)), 0.13),
    "snow": (((232, 236, 242), (218, 226, 236)), 0.03),
    "beads": (((200, 60, 60), (60, 110, 200), (235, 205, 70), (70, 160, 90)), 0.1),
}
_CELLS = 10  # corners from the far to the near wall


@dataclass(frozen=True)
class Bury(Action):
    """A hand presses a thing into the filling, then draws a heap over it."""

    forward = "Burying something in something"
    backward = "Digging something out of something"

    thing: Prop
    hand: HandLook
    filling: str
    grains: int
    size: tuple[float, float, float]
    colour: str
    colours: tuple[Colour, Colour]
    at: Point
    spot: tuple[float, float]
    side: float
    height: float

    @classmethod
    def draw(cls, cast: Cast) -> "Bury":
        """The heap is drawn from the side on which the hand came in."""
        rng = cast.rng
        name, base = draw_colour(rng)
        sign = draw_sign(rng)
        gain = rng.uniform(0.95, 1.15)
        kinds = ("box", "ball", "can", "egg", "duck", "car", "cube", "tape", "lemon", "shaker")
        return cls(
            thing=cast.prop(kinds=kinds).fit(0.46, 0.4),
            hand=cast.hand(side=beside(sign)),
            filling=list(_FILLINGS)[rng.integers(len(_FILLINGS))],
            grains=int(rng.integers(2**31)),
            size=(1.3 * gain, rng.uniform(0.24, 0.32), 0.86 * gain),
            colour=name,
            colours=(base, draw_colour(rng)[1]),
            at=(rng.uniform(-0.15, 0.15), 0.0, rng.uniform(-0.4, -0.2)),
            spot=(-sign * rng.uniform(-0.02, 0.14), rng.uniform(-0.08, 0.05)),
            side=sign,
            height=rng.uniform(0.65, 0.85),
        )

    def stage(self, p: float) -> Sequence[Element]:
        """Down and in by the middle; then aside, back with the heap, and away."""
        level = self.at[1] + self.size[1] * 0.82
        x, z = self.at[0] + self.spot[0], self.at[2] + self.spot[1]
        tall = self.thing.size[1]
        sunk = level - tall * 0.72
        foot = sunk + (self.height - sunk) * (1 - span(p, 0.0, 0.34))
        foot -= tall * 0.2 * span(p, 0.5, 0.8)
        swept = span(p, 0.52, 0.82)
        heap = (x + self.side * 0.46 * (1 - swept), z)
        ridge = tall * 0.5 * span(p, 0.3, 0.56) + tall * 0.12 * swept

        back, front = self._surface(level, (x, z), heap, ridge, pressed=span(p, 0.16, 0.34))
        inside, outside = (
            Solid(f"crate_{part}", self.size, self.at, self.colours)
            for part in ("inside", "outside")
        )
        thing = self.thing.solid((x, foot, z), grounded=False)
        top = (x, foot + tall * 0.85, z)
        beyond = (heap[0] + self.side * 0.1, level + ridge + 0.04, z)
        palm = between(top, beyond, span(p, 0.38, 0.54))
        wide = self.thing.radius * 0.6 * (1 - span(p, 0.38, 0.54))
        grip = Grip(self.hand, palm, wide, wide * 0.8, span(1 - p, 0.0, 0.16))
        if foot > level:
            return [inside, back, front, outside, Held(grip, (thing,))]
        return [inside, back, thing, front, outside, Held(grip)]

    def _surface(
        self,
        level: float,
        hollow: tuple[float, float],
        heap: tuple[float, float],
        ridge: float,
        *,
        pressed: float,
    ) -> tuple[Sheet, Sheet]:
        """The filling behind the thing's middle, and before it."""
        w, _, d = self.size
        xs = self.at[0] + np.linspace(-0.49 * w, 0.49 * w, _CELLS + 3)
        zs = self.at[2] + np.linspace(0.49 * d, -0.49 * d, _CELLS)
        # One row of corners passes through the thing's middle, where it is cut in two.
        row = int(np.abs(zs - hollow[1]).argmin())
        zs[row] = hollow[1]
        x, z = np.meshgrid(xs, zs)
        near = ((x - hollow[0]) ** 2 + (z - hollow[1]) ** 2) / (self.thing.radius * 1.5) ** 2
        mound = ((x - heap[0]) / 0.3) ** 2 + ((z - heap[1]) / 0.3) ** 2
        y = level + ridge * np.exp(-(mound**1.5))
        # What is pressed aside rises in a ring about the thing.
        y += pressed * 0.05 * np.exp(-((near - 1.0) ** 2) * 2)
        rng = np.random.default_rng(self.grains)
        y += rng.normal(0, 0.006, size=y.shape)
        grid = np.stack([x, y, z], axis=-1)
        quads = np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], axis=2)
        tones, spread = _FILLINGS[self.filling]
        inks = np.array(tones)[rng.integers(len(tones), size=quads.shape[:2])]
        inks = np.clip(inks * rng.normal(1.0, spread, size=(*quads.shape[:2], 1)), 0, 255)

        def sheet(rows: slice) -> Sheet:
            return Sheet(quads[rows].reshape(-1, 4, 3), inks[rows].reshape(-1, 3))

        return sheet(slice(0, row)), sheet(slice(row, None))
