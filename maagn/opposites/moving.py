"""A hand moves a thing along a line, or into and out of a crate, bowl, pot, basket or drawer."""

from collections.abc import Sequence
from dataclasses import dataclass

from maagn.opposites.action import Action, Element, Held, beside, between, draw_sign, hold, span
from maagn.opposites.cast import Cast
from maagn.opposites.hand import HandLook
from maagn.opposites.paint import Colour, Point, Solid
from maagn.opposites.props import Prop, draw_colour


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
        grip = hold(self.hand, self.thing, at)
        return [Held(grip, (self.thing.solid(at),))]


def _across(cast: Cast, sign: float) -> tuple[Point, Point]:
    """From left to right over the table, with room for the arm on that side (-1: left)."""
    rng = cast.rng
    z = rng.uniform(-0.4, 0.2)
    middle, half = rng.uniform(-0.12, 0.12) - 0.08 * sign, rng.uniform(0.42, 0.66)
    return (middle - half, 0.0, z), (middle + half, 0.0, z + rng.uniform(-0.12, 0.12))


@dataclass(frozen=True)
class PushRight(Carry):
    """A hand on the left of a thing: it pushes to the right, or pulls back to the left."""

    forward = "Pushing something from left to right"
    backward = "Pulling something from right to left"

    @classmethod
    def draw(cls, cast: Cast) -> "PushRight":
        """At least two fifths of the frame's width."""
        return cls(cast.prop(), cast.hand(side=(150.0, 215.0)), *_across(cast, -1.0))


@dataclass(frozen=True)
class PullRight(Carry):
    """A hand on the right of a thing: it pulls to the right, or pushes back to the left."""

    forward = "Pulling something from left to right"
    backward = "Pushing something from right to left"

    @classmethod
    def draw(cls, cast: Cast) -> "PullRight":
        """At least two fifths of the frame's width."""
        return cls(cast.prop(), cast.hand(side=(-35.0, 30.0)), *_across(cast, 1.0))


@dataclass(frozen=True)
class MoveUp(Carry):
    """Straight up, never touching the table."""

    forward = "Moving something up"
    backward = "Moving something down"

    @classmethod
    def draw(cls, cast: Cast) -> "MoveUp":
        """At least a third of the frame's height."""
        rng = cast.rng
        x, z = rng.uniform(-0.3, 0.3), rng.uniform(-0.4, 0.0)
        low = rng.uniform(-0.02, 0.12)
        return cls(
            thing=cast.prop(),
            hand=cast.hand(),
            start=(x, low, z),
            end=(x + rng.uniform(-0.08, 0.08), low + rng.uniform(0.8, 1.05), z),
        )


@dataclass(frozen=True)
class MoveTowardsCamera(Carry):
    """From the far end of the table to the lens: the thing grows to twice its width."""

    forward = "Moving something towards the camera"
    backward = "Moving something away from the camera"

    @classmethod
    def draw(cls, cast: Cast) -> "MoveTowardsCamera":
        """Rising along the way, so that it stays in the frame."""
        rng = cast.rng
        x = rng.uniform(-0.25, 0.25)
        return cls(
            thing=cast.prop(scale=(0.8, 1.05)),
            hand=cast.hand(),
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
    def draw(cls, cast: Cast) -> "PickUp":
        """Lifted by at least a third of the frame's height, to one side or the other."""
        rng = cast.rng
        x, z = rng.uniform(-0.35, 0.35), rng.uniform(-0.4, 0.1)
        return cls(
            thing=cast.prop(),
            hand=cast.hand(),
            rest=(x, 0.0, z),
            top=(x + rng.uniform(-0.25, 0.25), rng.uniform(0.8, 1.1), z),
        )

    def stage(self, p: float) -> Sequence[Element]:
        """The hand arrives in the first two fifths."""
        at = between(self.rest, self.top, span(p, 0.42, 1.0))
        grip = hold(self.hand, self.thing, at, reach=span(p, 0.0, 0.4))
        return [Held(grip, (self.thing.solid(at),))]


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
    def draw(cls, cast: Cast) -> "MoveCloser":
        """Each arm comes from its own side or from below."""
        rng = cast.rng
        things = (cast.prop(scale=(0.75, 0.95)), cast.prop(scale=(0.75, 0.95)))
        hands = (cast.hand(side=(100.0, 190.0)), cast.hand(side=(-10.0, 80.0)))
        near = things[0].radius + things[1].radius + rng.uniform(0.0, 0.08)
        at = (rng.uniform(-0.1, 0.1), 0.0, rng.uniform(-0.35, 0.05))
        return cls(things, hands, rng.uniform(1.5, 1.75), near, at)

    def stage(self, p: float) -> Sequence[Element]:
        """Both at the same pace."""
        gap = self.apart + (self.near - self.apart) * p
        elements = []
        for thing, hand, sign in zip(self.things, self.hands, (-1, 1), strict=True):
            at = (self.at[0] + sign * gap / 2, 0.0, self.at[2])
            grip = hold(hand, thing, at)
            elements.append(Held(grip, (thing.solid(at),)))
        return elements


@dataclass(frozen=True)
class MoveCloserTo(Action):
    """A hand moves a thing over the table towards another that stays."""

    forward = "Moving something closer to something"
    backward = "Moving something away from something"

    mover: Prop
    still: Prop
    hand: HandLook
    start: Point
    end: Point
    at: Point

    @classmethod
    def draw(cls, cast: Cast) -> "MoveCloserTo":
        """From one side or the other, more or less along the table's near edge."""
        rng = cast.rng
        sign = draw_sign(rng)
        mover, still = cast.prop(scale=(0.75, 1.0)), cast.prop(scale=(0.85, 1.1))
        z = rng.uniform(-0.35, 0.1)
        at = (-sign * rng.uniform(0.3, 0.6), 0.0, z)
        near = mover.radius + still.radius + rng.uniform(0.02, 0.12)
        slant = rng.uniform(-0.3, 0.3)
        end = (at[0] + sign * near, 0.0, z + slant * near)
        far = near + rng.uniform(0.7, 0.95)
        start = (at[0] + sign * far, 0.0, z + slant * far)
        side = (-25.0, 100.0) if sign > 0 else (80.0, 205.0)
        return cls(mover, still, cast.hand(side=side), start, end, at)

    def stage(self, p: float) -> Sequence[Element]:
        """What is farther from the camera is painted first."""
        point = between(self.start, self.end, p)
        held = Held(hold(self.hand, self.mover, point), (self.mover.solid(point),))
        body = self.still.solid(self.at)
        return [body, held] if point[2] <= self.at[2] else [held, body]


_SIZES: dict[str, tuple[float, float, float]] = {
    "crate": (0.86, 0.46, 0.66),
    "bowl": (0.84, 0.5, 0.84),
    "basket": (0.9, 0.5, 0.7),
    "pot": (0.84, 0.48, 0.84),
    "drawer": (0.9, 0.36, 0.7),
}
_THINGS = ("box", "ball", "can", "mug", "bottle", "jar", "cube", "egg", "lemon", "shaker", "duck",
           "tape", "car", "plant", "cone", "banana")  # fmt: skip


@dataclass(frozen=True)
class PutInto(Action):
    """A thing is lowered into something open, and the hand leaves."""

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
    def draw(cls, cast: Cast) -> "PutInto":
        """The thing comes from above, more or less from the left or the right."""
        rng = cast.rng
        kind = list(_SIZES)[rng.integers(len(_SIZES))]
        w, h, d = _SIZES[kind]
        gain = rng.uniform(0.9, 1.15)
        name, base = draw_colour(rng)
        sign = draw_sign(rng)
        thing = cast.prop(kinds=_THINGS, scale=(0.9, 1.1))
        return cls(
            thing=thing.fit(0.56 * gain, 0.64 * gain),
            hand=cast.hand(side=beside(sign)),
            kind=kind,
            size=(w * gain, h * gain, d * gain),
            colour=name,
            colours=(base, draw_colour(rng)[1]),
            yaw=rng.uniform(-0.35, 0.35),
            at=(rng.uniform(-0.25, 0.25), 0.0, rng.uniform(-0.35, 0.0)),
            side=sign * rng.uniform(0.3, 0.75),
            height=rng.uniform(0.62, 0.8),
        )

    def stage(self, p: float) -> Sequence[Element]:
        """Over, down, and the hand away."""
        x, _, z = self.at
        floor = max(0.05, self.size[1] - self.thing.size[1] * 0.8)
        high = floor + (self.height - floor + 0.1) * (1 - span(p, 0.3, 0.72))
        place = (x + self.side * (1 - span(p, 0.0, 0.42)), high, z)
        grip = hold(self.hand, self.thing, place, reach=span(1 - p, 0.0, 0.25))
        inside, outside = (
            Solid(f"{self.kind}_{part}", self.size, self.at, self.colours, yaw=self.yaw)
            for part in ("inside", "outside")
        )
        thing = self.thing.solid(place, grounded=p < 0.4)
        if high > self.size[1] * 0.95:
            return [inside, outside, Held(grip, (thing,))]
        # The near wall is before the thing, and the hand over its rim before both.
        return [inside, Held(grip, (thing, outside))]
