"""Covering and uncovering: a dome, a box or a cloth over a thing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maagn.opposites.action import Action, Element, Held, beside, draw_sign, span
from maagn.opposites.cast import Cast
from maagn.opposites.hand import Grip, HandLook
from maagn.opposites.paint import Colour, Point, Sheet, Solid
from maagn.opposites.props import Prop, draw_colour


@dataclass(frozen=True)
class Cover(Action):
    """A dome or an upturned box comes down over a thing, or a cloth is drawn over it."""

    forward = "Covering something with something"
    backward = "Uncovering something"

    thing: Prop
    hand: HandLook
    kind: str
    colour: str
    colours: tuple[Colour, Colour]
    at: Point
    side: float
    height: float

    @classmethod
    def draw(cls, cast: Cast) -> "Cover":
        """The cover comes from the left or the right."""
        rng = cast.rng
        name, base = draw_colour(rng)
        sign = draw_sign(rng)
        thing = cast.prop(
            kinds=("box", "ball", "can", "mug", "jar", "cube", "egg", "duck", "tape"),
            scale=(0.75, 0.95),
        )
        return cls(
            thing=thing,
            hand=cast.hand(side=beside(sign)),
            kind=("cloth", "cloth", "dome", "carton")[rng.integers(4)],
            colour=name,
            colours=(base, draw_colour(rng)[1]),
            at=(rng.uniform(-0.25, 0.25), 0.0, rng.uniform(-0.3, 0.0)),
            side=sign * rng.uniform(0.35, 0.8),
            height=rng.uniform(0.6, 0.8),
        )

    def stage(self, p: float) -> Sequence[Element]:
        """The hand lets go at the end."""
        body = self.thing.solid(self.at)
        return [body, *(self._drape(p) if self.kind == "cloth" else self._dome(p))]

    def _dome(self, p: float) -> Sequence[Element]:
        x, _, z = self.at
        wide = max(self.thing.size[0], self.thing.size[2]) * 1.38
        tall = self.thing.size[1] * 1.2
        high = self.height * (1 - span(p, 0.25, 0.75))
        place = (x + self.side * (1 - span(p, 0.0, 0.45)), high, z)
        dome = Solid(self.kind, (wide, tall, wide), place, self.colours)
        grip = Grip(self.hand, (place[0], high + tall, z), 0.12, 0.12, span(1 - p, 0.0, 0.2))
        return [Held(grip, (dome,))]

    def _drape(self, p: float) -> Sequence[Element]:
        x, _, z = self.at
        sign = 1.0 if self.side > 0 else -1.0
        w, h, d = self.thing.size
        away = sign * 1.1 * (1 - span(p, 0.0, 0.6))
        high = 0.62 * (1 - span(p, 0.4, 0.8))
        n = 9
        u, v = np.meshgrid(np.linspace(-0.62, 0.62, n), np.linspace(0.5, -0.5, n))
        xs, zs = x + away + u, z + v
        bump = h * 1.05 * np.exp(-((((xs - x) / (w * 0.8)) ** 4) + ((zs - z) / (d * 0.9)) ** 4))
        fold = 0.025 * np.sin(9 * u + 4 * v) + 0.02 * np.sin(13 * v - 3 * u)
        # It hangs from the hand near its leading edge, and comes to rest on whatever is below.
        hanging = high - high * 0.7 * ((u + sign * 0.35) ** 2 + 1.6 * v**2)
        ys = np.maximum(bump, hanging) + np.maximum(fold, -0.02) + 0.03
        grid = np.stack([xs, ys, zs], axis=-1)
        facets = np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], axis=2)
        tint = np.where((np.add.outer(np.arange(n - 1), np.arange(n - 1)) % 4 == 0)[..., None],
                        np.array(self.colours[1]), np.array(self.colours[0]))  # fmt: skip
        front = grid[n // 2, 1 if sign > 0 else n - 2]
        hold = (float(front[0]), float(front[1]), float(front[2]))
        grip = Grip(self.hand, hold, 0.05, 0.05, span(1 - p, 0.0, 0.2))
        return [Sheet(facets.reshape(-1, 4, 3), tint.reshape(-1, 3)), Held(grip)]
