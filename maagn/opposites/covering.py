"""Covering, burying and hiding a thing, and their opposites."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from maagn.opposites.action import Action, Element, Held, beside, between, draw_sign, hold, span
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
        edge = (float(front[0]), float(front[1]), float(front[2]))
        grip = Grip(self.hand, edge, 0.05, 0.05, span(1 - p, 0.0, 0.2))
        return [Sheet(facets.reshape(-1, 4, 3), tint.reshape(-1, 3)), Held(grip)]


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


@dataclass(frozen=True)
class Hide(Action):
    """A hand puts a thing behind a larger one, round its side or over its top, and leaves."""

    forward = "Putting something behind something"
    backward = "Pulling something from behind of something"

    thing: Prop
    screen: Prop
    hand: HandLook
    at: Point
    behind: Point
    corner: Point
    start: Point

    @classmethod
    def draw(cls, cast: Cast) -> "Hide":
        """The arm comes from the side on which the thing begins, above the table's far half."""
        rng = cast.rng
        sign = draw_sign(rng)
        screen = cast.prop(kinds=("box", "pot", "house", "cube", "jar"))
        wide, tall = rng.uniform(0.66, 0.76), rng.uniform(0.68, 0.78)
        screen = replace(screen, size=(wide, tall, wide * (0.6 if screen.kind == "box" else 0.8)))
        thing = cast.prop().fit(0.42, 0.34)
        x, z = -sign * rng.uniform(0.12, 0.3), rng.uniform(-0.35, -0.15)
        far = z + screen.size[2] / 2 + thing.size[2] / 2 + rng.uniform(0.04, 0.1)
        over = rng.random() < 0.4
        outside = x + sign * (screen.radius + thing.radius + rng.uniform(0.1, 0.2))
        return cls(
            thing=thing,
            screen=screen,
            hand=cast.hand(side=(-35.0, 8.0) if sign > 0 else (172.0, 215.0)),
            at=(x, 0.0, z),
            behind=(x + sign * rng.uniform(-0.06, 0.1), 0.0, far),
            corner=(x + sign * 0.12, screen.size[1] + 0.3, far) if over else (outside, 0.1, far),
            start=(outside + sign * rng.uniform(0.0, 0.1), rng.uniform(0.1, 0.4), z + 0.1),
        )

    def stage(self, p: float) -> Sequence[Element]:
        """To the corner, from there behind, and the hand away."""
        point = between(self.start, self.corner, span(p, 0.0, 0.4))
        point = between(point, self.behind, span(p, 0.3, 0.74))
        grip = hold(self.hand, self.thing, point, reach=span(1 - p, 0.0, 0.22))
        return [Held(grip, (self.thing.solid(point),)), self.screen.solid(self.at)]
