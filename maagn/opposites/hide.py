"""Putting behind and pulling from behind: a thing and a larger one that stands before it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from maagn.opposites.action import Action, Element, Held, between, draw_sign, hold, span
from maagn.opposites.cast import Cast
from maagn.opposites.hand import HandLook
from maagn.opposites.paint import Point
from maagn.opposites.props import Prop


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
        place = between(self.start, self.corner, span(p, 0.0, 0.4))
        place = between(place, self.behind, span(p, 0.3, 0.74))
        grip = hold(self.hand, self.thing, place, reach=span(1 - p, 0.0, 0.22))
        return [Held(grip, (self.thing.solid(place),)), self.screen.solid(self.at)]
