"""Opening and closing: a lid on a hinge."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from maagn.opposites.action import Action, Element, Held, beside, draw_sign, span
from maagn.opposites.cast import Cast
from maagn.opposites.hand import Grip, HandLook
from maagn.opposites.paint import Colour, Point, Solid
from maagn.opposites.props import draw_colour


@dataclass(frozen=True)
class Open(Action):
    """A chest, tin, book, folder or laptop whose lid a hand turns about its hinge."""

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
    def draw(cls, cast: Cast) -> "Open":
        """The hinge is at the back, or at the side of a book."""
        rng = cast.rng
        kind = ("chest", "book", "laptop", "tin", "folder")[rng.integers(5)]
        w, h, d = {
            "chest": (0.9, 0.5, 0.66),
            "book": (0.86, 0.1, 0.66),
            "laptop": (1.0, 0.06, 0.7),
            "tin": (0.64, 0.42, 0.64),
            "folder": (0.9, 0.04, 0.66),
        }[kind]
        gain = rng.uniform(0.9, 1.15)
        sign = draw_sign(rng)
        name, base = draw_colour(rng)
        angle = {
            "chest": (1.6, 2.1),
            "book": (2.5, 2.95),
            "laptop": (1.6, 2.0),
            "tin": (1.6, 2.1),
            "folder": (2.5, 2.95),
        }[kind]
        sideways = kind in ("book", "folder")
        # A book lies with its hinge to one side, and needs room on that side once open.
        yaw = sign * rng.uniform(1.35, 1.75) if sideways else rng.uniform(-0.35, 0.35)
        shift = -0.3 * sign if sideways else 0.0
        return cls(
            kind=kind,
            size=(w * gain, h * gain, d * gain),
            colour=name,
            colours=(base, draw_colour(rng)[1]),
            yaw=yaw,
            angle=rng.uniform(*angle),
            at=(shift + rng.uniform(-0.15, 0.15), 0.0, rng.uniform(-0.35, 0.0)),
            hand=cast.hand(side=beside(draw_sign(rng))),
        )

    def stage(self, p: float) -> Sequence[Element]:
        """The hand is at the lid's free edge while it turns, and away before and after."""
        turn = self.angle * span(p, 0.15, 0.85)
        lid, parts, thick = {
            "chest": ("lid", ("crate_inside", "crate_outside"), 0.07),
            "book": ("cover", ("pages",), 0.025),
            "laptop": ("screen", ("keyboard",), 0.04),
            "tin": ("round_lid", ("tin_inside", "tin_outside"), 0.09),
            "folder": ("cover", ("sheets",), 0.015),
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
        return [*body, Held(Grip(self.hand, edge, 0.08, 0.08, reach), (cover,))]
