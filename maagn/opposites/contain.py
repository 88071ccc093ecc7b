"""Putting into and taking out of: a thing and a crate, bowl, pot, basket or drawer."""

from collections.abc import Sequence
from dataclasses import dataclass

from maagn.opposites.action import Action, Element, Held, beside, draw_sign, hold, span
from maagn.opposites.cast import Cast
from maagn.opposites.hand import HandLook
from maagn.opposites.paint import Colour, Point, Solid
from maagn.opposites.props import Prop, draw_colour

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
