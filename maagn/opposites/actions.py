"""One small class a pair of opposite actions: what is to be seen at a given progress.

An action says what stands where at progress 0 (the forward class begins) to 1 (it is done). Its
reverse plays the very same scene backwards, so no draw may depend on which of the two is wanted.
Hands follow from this: a push seen backwards has the hand where a pull would have it. So a hand
holds what it moves from a side drawn without regard to the direction, in both members of a pair.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import pi
from typing import ClassVar

import numpy as np

from maagn.opposites.hand import Grip, HandLook
from maagn.opposites.paint import Colour, Point, Sheet, Solid
from maagn.opposites.props import Prop, draw_colour


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


class Action(ABC):
    """A pair of classes and one drawn scene of it."""

    forward: ClassVar[str]
    backward: ClassVar[str]

    @classmethod
    @abstractmethod
    def draw(cls, rng: np.random.Generator) -> "Action":
        """A scene at random, the same for both members of the pair."""

    @abstractmethod
    def stage(self, p: float) -> Sequence[Element]:
        """What is to be seen at progress p in [0, 1], from the back to the front."""


@dataclass(frozen=True)
class Carry(Action):
    """A hand moves a thing along a straight line; the base of every action that is only a path."""

    thing: Prop
    hand: HandLook
    start: Point
    end: Point

    def stage(self, p: float) -> Sequence[Element]:
        """The thing p of the way, in the hand."""
        at = between(self.start, self.end, p)
        grip = Grip(self.hand, self.thing.middle(at), self.thing.radius)
        return [Held(grip, (self.thing.solid(at),))]


@dataclass(frozen=True)
class PushSideways(Carry):
    """From left to right over the table."""

    forward = "Pushing something from left to right"
    backward = "Pushing something from right to left"

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "PushSideways":
        """At least two fifths of the frame's width."""
        z = rng.uniform(-0.35, 0.15)
        middle, half = rng.uniform(-0.12, 0.12), rng.uniform(0.5, 0.72)
        return cls(
            thing=Prop.draw(rng),
            hand=HandLook.draw(rng),
            start=(middle - half, 0.0, z),
            end=(middle + half, 0.0, z + rng.uniform(-0.1, 0.1)),
        )


@dataclass(frozen=True)
class MoveUp(Carry):
    """Straight up, never touching the table."""

    forward = "Moving something up"
    backward = "Moving something down"

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "MoveUp":
        """At least a third of the frame's height."""
        x, z = rng.uniform(-0.3, 0.3), rng.uniform(-0.4, 0.0)
        low = rng.uniform(-0.02, 0.12)
        return cls(
            thing=Prop.draw(rng),
            hand=HandLook.draw(rng),
            start=(x, low, z),
            end=(x + rng.uniform(-0.08, 0.08), low + rng.uniform(0.7, 0.95), z),
        )


@dataclass(frozen=True)
class MoveTowardsCamera(Carry):
    """From the far end of the table to the lens: the thing grows to twice its width."""

    forward = "Moving something towards the camera"
    backward = "Moving something away from the camera"

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "MoveTowardsCamera":
        """Rising along the way, so that it stays in the frame."""
        x = rng.uniform(-0.25, 0.25)
        return cls(
            thing=Prop.draw(rng, scale=(0.8, 1.05)),
            hand=HandLook.draw(rng),
            start=(x * 1.6, rng.uniform(0.0, 0.1), rng.uniform(0.45, 0.7)),
            end=(x * 0.5, rng.uniform(0.3, 0.45), rng.uniform(-1.1, -0.95)),
        )


@dataclass(frozen=True)
class PickUp(Action):
    """A hand comes, takes a thing off the table and lifts it out."""

    forward = "Picking something up"
    backward = "Putting something on a surface"

    thing: Prop
    hand: HandLook
    rest: Point
    top: Point

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "PickUp":
        """Lifted by at least a third of the frame's height, to one side or the other."""
        x, z = rng.uniform(-0.35, 0.35), rng.uniform(-0.4, 0.1)
        return cls(
            thing=Prop.draw(rng),
            hand=HandLook.draw(rng),
            rest=(x, 0.0, z),
            top=(x + rng.uniform(-0.25, 0.25), rng.uniform(0.75, 1.1), z),
        )

    def stage(self, p: float) -> Sequence[Element]:
        """The hand arrives in the first two fifths."""
        at = between(self.rest, self.top, span(p, 0.42, 1.0))
        grip = Grip(self.hand, self.thing.middle(at), self.thing.radius, span(p, 0.0, 0.4))
        return [Held(grip, (self.thing.solid(at),))]


@dataclass(frozen=True)
class Open(Action):
    """A chest, a book or a laptop whose lid a hand turns about its hinge."""

    forward = "Opening something"
    backward = "Closing something"

    kind: str
    size: tuple[float, float, float]
    colour: str
    colours: tuple[Colour, Colour]
    yaw: float
    angle: float
    at: Point
    hand: HandLook

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Open":
        """The hinge is at the back, or at the side of a book."""
        kind = ("chest", "book", "laptop")[rng.integers(3)]
        w, h, d = {
            "chest": (0.9, 0.5, 0.66),
            "book": (0.86, 0.1, 0.66),
            "laptop": (1.0, 0.06, 0.7),
        }[kind]
        gain = rng.uniform(0.9, 1.15)
        turned = rng.choice([-1.0, 1.0]) * rng.uniform(1.3, 1.75)
        name, base = draw_colour(rng)
        angle = {"chest": (1.6, 2.1), "book": (2.5, 2.95), "laptop": (1.6, 2.0)}[kind]
        yaw = turned if kind == "book" else rng.uniform(-0.35, 0.35)
        return cls(
            kind=kind,
            size=(w * gain, h * gain, d * gain),
            colour=name,
            colours=(base, draw_colour(rng)[1]),
            yaw=yaw,
            angle=rng.uniform(*angle),
            at=(
                rng.uniform(-0.15, 0.15) + (0.3 * np.sign(yaw) * -1.0 if kind == "book" else 0.0),
                0.0,
                rng.uniform(-0.35, 0.0),
            ),
            hand=HandLook.draw(rng),
        )

    def stage(self, p: float) -> Sequence[Element]:
        """The hand is at the lid's free edge while it turns, and away before and after."""
        turn = self.angle * span(p, 0.15, 0.85)
        lid, parts, thick = {
            "chest": ("lid", ("crate_inside", "crate_outside"), 0.07),
            "book": ("cover", ("pages",), 0.025),
            "laptop": ("screen", ("keyboard",), 0.04),
        }[self.kind]
        w, h, d = self.size
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        hinge = (self.at[0] + s * d / 2, self.at[1] + h, self.at[2] + c * d / 2)
        out = -d * np.cos(turn)
        edge = (hinge[0] + s * out, hinge[1] + d * np.sin(turn) + thick, hinge[2] + c * out)
        cover = Solid(
            lid, (w * 1.03, thick, d * 1.03), hinge, self.colours,
            yaw=self.yaw, tilt=turn, pivot=(0.0, 0.0, 0.5), grounded=False,
        )  # fmt: skip
        reach = span(p, 0.0, 0.15) * span(1 - p, 0.0, 0.15)
        body = [Solid(part, self.size, self.at, self.colours, yaw=self.yaw) for part in parts]
        return [*body, Held(Grip(self.hand, edge, 0.08, reach), (cover,))]


@dataclass(frozen=True)
class Cover(Action):
    """A dome comes down over a thing, or a cloth is drawn over it."""

    forward = "Covering something with something"
    backward = "Uncovering something"

    thing: Prop
    hand: HandLook
    cloth: bool
    colour: str
    colours: tuple[Colour, Colour]
    at: Point
    side: float
    height: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Cover":
        """The cover comes from the left or the right."""
        name, base = draw_colour(rng)
        thing = Prop.draw(rng, kinds=("box", "ball", "can", "mug"), scale=(0.75, 0.95))
        return cls(
            thing=thing,
            hand=HandLook.draw(rng),
            cloth=bool(rng.random() < 0.5),
            colour=name,
            colours=(base, draw_colour(rng)[1]),
            at=(rng.uniform(-0.25, 0.25), 0.0, rng.uniform(-0.3, 0.0)),
            side=rng.choice([-1.0, 1.0]) * rng.uniform(0.25, 0.9),
            height=rng.uniform(0.9, 1.15),
        )

    def stage(self, p: float) -> Sequence[Element]:
        """The hand lets go at the end."""
        body = self.thing.solid(self.at)
        return [body, *(self._drape(p) if self.cloth else self._dome(p))]

    def _dome(self, p: float) -> Sequence[Element]:
        x, _, z = self.at
        wide = max(self.thing.size[0], self.thing.size[2]) * 1.38
        tall = self.thing.size[1] * 1.2
        high = self.height * (1 - span(p, 0.25, 0.75))
        place = (x + self.side * (1 - span(p, 0.0, 0.45)), high, z)
        dome = Solid("dome", (wide, tall, wide), place, self.colours)
        grip = Grip(self.hand, (place[0], high + tall, z), 0.12, span(1 - p, 0.0, 0.2))
        return [Held(grip, (dome,))]

    def _drape(self, p: float) -> Sequence[Element]:
        x, _, z = self.at
        sign = 1.0 if self.side > 0 else -1.0
        w, h, d = self.thing.size
        away = 1.45 * (1 - span(p, 0.0, 0.8))
        lift = 0.35 * np.sin(pi * span(p, 0.0, 0.8)) + 0.55 * (1 - span(p, 0.2, 0.8))
        n = 9
        u, v = np.meshgrid(np.linspace(-0.62, 0.62, n), np.linspace(0.5, -0.5, n))
        xs, zs = x + sign * away + u, z + v
        bump = h * 1.05 * np.exp(-((((xs - x) / (w * 0.8)) ** 4) + ((zs - z) / (d * 0.9)) ** 4))
        fold = 0.025 * np.sin(9 * u + 4 * v) + 0.02 * np.sin(13 * v - 3 * u)
        # The leading edge is held up by the hand, the trailing edge follows over the table.
        leading = 0.5 - sign * u / 1.24
        ys = np.maximum(bump, lift * leading**1.5) + np.maximum(fold, -0.02) + 0.03
        grid = np.stack([xs, ys, zs], axis=-1)
        facets = np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], axis=2)
        tint = np.where((np.add.outer(np.arange(n - 1), np.arange(n - 1)) % 4 == 0)[..., None],
                        np.array(self.colours[1]), np.array(self.colours[0]))  # fmt: skip
        front = grid[n // 2, 0 if sign > 0 else n - 1]
        hold = (float(front[0]), float(front[1]), float(front[2]))
        grip = Grip(self.hand, hold, 0.05, span(1 - p, 0.0, 0.2))
        return [Sheet(facets.reshape(-1, 4, 3), tint.reshape(-1, 3)), Held(grip)]


@dataclass(frozen=True)
class PutInto(Action):
    """A thing is lowered into a crate or a bowl, and the hand leaves."""

    forward = "Putting something into something"
    backward = "Taking something out of something"

    thing: Prop
    hand: HandLook
    kind: str
    size: tuple[float, float, float]
    colour: str
    colours: tuple[Colour, Colour]
    yaw: float
    at: Point
    side: float
    height: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "PutInto":
        """The thing comes from above, more or less from the left or the right."""
        kind = ("crate", "bowl")[rng.integers(2)]
        w, h, d = {"crate": (0.86, 0.46, 0.66), "bowl": (0.84, 0.5, 0.84)}[kind]
        gain = rng.uniform(0.9, 1.15)
        name, base = draw_colour(rng)
        thing = Prop.draw(rng, kinds=("box", "ball", "can", "mug", "bottle"), scale=(0.75, 0.95))
        return cls(
            thing=thing.fit(0.5 * gain, 0.62 * gain),
            hand=HandLook.draw(rng),
            kind=kind,
            size=(w * gain, h * gain, d * gain),
            colour=name,
            colours=(base, draw_colour(rng)[1]),
            yaw=rng.uniform(-0.35, 0.35),
            at=(rng.uniform(-0.25, 0.25), 0.0, rng.uniform(-0.35, 0.0)),
            side=rng.choice([-1.0, 1.0]) * rng.uniform(0.3, 0.9),
            height=rng.uniform(0.75, 1.0),
        )

    def stage(self, p: float) -> Sequence[Element]:
        """Over, down, and the hand away."""
        x, _, z = self.at
        floor = max(0.05, self.size[1] - self.thing.size[1] * 0.8)
        high = floor + (self.height - floor + 0.1) * (1 - span(p, 0.3, 0.72))
        place = (x + self.side * (1 - span(p, 0.0, 0.42)), high, z)
        grip = Grip(self.hand, self.thing.middle(place), self.thing.radius, span(1 - p, 0.0, 0.25))
        inside, outside = (
            Solid(f"{self.kind}_{part}", self.size, self.at, self.colours, yaw=self.yaw)
            for part in ("inside", "outside")
        )
        held = Held(grip, (self.thing.solid(place, grounded=p < 0.4),))
        above = high > self.size[1] * 0.95
        return [inside, outside, held] if above else [inside, held, outside]


@dataclass(frozen=True)
class MoveCloser(Action):
    """Two hands move two things towards each other."""

    forward = "Moving something and something closer to each other"
    backward = "Moving something and something away from each other"

    things: tuple[Prop, Prop]
    hands: tuple[HandLook, HandLook]
    apart: float
    near: float
    at: Point

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "MoveCloser":
        """Each arm comes from its own side or from below."""
        things = (Prop.draw(rng, scale=(0.75, 0.95)), Prop.draw(rng, scale=(0.75, 0.95)))
        hands = (HandLook.draw(rng, side=(100, 190)), HandLook.draw(rng, side=(-10, 80)))
        near = things[0].radius + things[1].radius + rng.uniform(0.0, 0.08)
        at = (rng.uniform(-0.1, 0.1), 0.0, rng.uniform(-0.35, 0.05))
        return cls(things, hands, rng.uniform(1.5, 1.75), near, at)

    def stage(self, p: float) -> Sequence[Element]:
        """Both at the same pace."""
        gap = self.apart + (self.near - self.apart) * p
        elements = []
        for thing, hand, sign in zip(self.things, self.hands, (-1, 1), strict=True):
            at = (self.at[0] + sign * gap / 2, 0.0, self.at[2])
            grip = Grip(hand, thing.middle(at), thing.radius)
            elements.append(Held(grip, (thing.solid(at),)))
        return elements


ACTIONS: tuple[type[Action], ...] = (
    PushSideways,
    MoveUp,
    Open,
    Cover,
    PutInto,
    MoveTowardsCamera,
    PickUp,
    MoveCloser,
)
