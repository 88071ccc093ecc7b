"""Plugging in and pulling out: a plug on a cable and a socket."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from maagn.opposites.action import Action, Element, Held, draw_sign, span
from maagn.opposites.cast import Cast
from maagn.opposites.hand import Grip, HandLook
from maagn.opposites.paint import Colour, Point, Sheet, Solid
from maagn.opposites.props import draw_colour

_METAL: Colour = (196.0, 198.0, 204.0)
_LENS = np.array([0.0, 1.3, -2.2])  # about where the camera is: a cable is as wide from everywhere
_LINKS = 12
# What there is to plug into: a wall plate, a power strip, a laptop, a phone; and how long and how
# thick the plug's body is, how far its prongs are apart and how thick they are, in table units.
_PLUGS: dict[str, tuple[float, float, float, float]] = {
    "plate": (0.26, 0.2, 0.09, 0.034),
    "strip": (0.26, 0.2, 0.09, 0.034),
    "laptop": (0.24, 0.1, 0.0, 0.06),
    "phone": (0.22, 0.11, 0.0, 0.06),
}


@dataclass(frozen=True)
class Plug(Action):
    """A hand moves a plug straight into a socket and lets go; the cable trails behind."""

    forward = "Plugging something into something"
    backward = "Pulling something out of something"

    hand: HandLook
    kind: str
    colour: str
    colours: tuple[Colour, Colour]
    plug: Colour
    cable: Colour
    at: Point
    side: float
    turn: float
    away: float
    end: Point

    @classmethod
    def draw(cls, cast: Cast) -> "Plug":
        """The plug, its cable and the arm are on one side, the socket on the other."""
        rng = cast.rng
        name, base = draw_colour(rng)
        sign = draw_sign(rng)
        kind = list(_PLUGS)[rng.integers(len(_PLUGS))]
        plug = draw_colour(rng, ("white", "black", "grey", "orange", "blue", "red"))[1]
        x = rng.uniform(-0.1, 0.1) if kind == "strip" else -sign * rng.uniform(0.25, 0.42)
        return cls(
            hand=cast.hand(side=(-30.0, 30.0) if sign > 0 else (150.0, 210.0)),
            kind=kind,
            colour=name,
            colours=(base, draw_colour(rng)[1]),
            plug=plug,
            cable=draw_colour(rng, ("white", "black", "grey", "orange"))[1],
            at=(x, 0.0, rng.uniform(-0.35, -0.1)),
            side=sign,
            turn=rng.uniform(0.15, 0.45) + (0.3 if kind == "plate" else 0.0),
            away=rng.uniform(0.6, 0.75) if kind in ("plate", "strip") else rng.uniform(0.42, 0.52),
            end=(sign * 1.9, 0.0, rng.uniform(-0.5, 0.5)),
        )

    def stage(self, p: float) -> Sequence[Element]:
        """Nearer, straight in by four fifths, and the hand away."""
        port, out = self._port()
        long, thick, apart, pin = _PLUGS[self.kind]
        gap = 0.015 + self.away * (1 - 0.75 * span(p, 0.0, 0.5) - 0.25 * span(p, 0.42, 0.8))
        # The port is where the body's front comes to rest; the prongs shorten as they go in.
        front = port + out * gap
        # Before the last part, the hand is a little off the straight line.
        front[1] += 0.25 * self.away * (1 - span(p, 0.0, 0.42)) * (1 - abs(out[1]))
        front[0] += 0.5 * self.side * self.away * (1 - span(p, 0.0, 0.42)) * abs(out[1])
        body, pins = self._body(front, out, min(gap, 0.16), (long, thick, apart, pin))
        tail = front + out * long
        middle = front + out * (long * 0.75)
        hold = (float(middle[0]), float(middle[1]), float(middle[2]))
        grip = Grip(self.hand, hold, thick * 0.6, thick * 0.5, span(1 - p, 0.0, 0.18))
        return [*self._socket(), self._cable(tail, out), *pins, Held(grip, (body,))]

    def _port(self) -> tuple[Float64[np.ndarray, "3"], Float64[np.ndarray, "3"]]:
        """Where the plug goes in, and the unit vector that comes out of there."""
        x, _, z = self.at
        if self.kind == "strip":
            return np.array([x, 0.15, z]), np.array([0.0, 1.0, 0.0])
        out = np.array([self.side * np.cos(self.turn), 0.0, -np.sin(self.turn)])
        reach, high = {"plate": (0.08, 0.36), "laptop": (0.5, 0.06), "phone": (0.4, 0.05)}[
            self.kind
        ]
        return np.array([x, high, z]) + out * reach, out

    def _socket(self) -> list[Solid]:
        # A shape's front looks to -z; turned by this it looks where the plug comes from.
        yaw = self.side * (np.pi / 2 - self.turn)
        across = -self.side * self.turn
        if self.kind == "plate":
            return [Solid("plate", (0.62, 0.72, 0.16), self.at, self.colours, yaw=-yaw)]
        if self.kind == "strip":
            return [Solid("strip", (1.15, 0.15, 0.34), self.at, self.colours, yaw=0.0)]
        if self.kind == "phone":
            return [Solid("phone.1", (0.4, 0.09, 0.8), self.at, self.colours, yaw=-yaw)]
        base = Solid("keyboard", (1.0, 0.09, 0.66), self.at, self.colours, yaw=-across)
        back = np.array([np.sin(-across), 0.0, np.cos(-across)]) * 0.33
        hinge = (self.at[0] + float(back[0]), 0.09, self.at[2] + float(back[2]))
        screen = Solid(
            "screen", (1.0, 0.04, 0.66), hinge, self.colours,
            yaw=-across, tilt=1.75, pivot=(0.0, 0.0, 0.5), grounded=False,
        )  # fmt: skip
        return [screen, base]

    def _body(
        self,
        front: Float64[np.ndarray, "3"],
        out: Float64[np.ndarray, "3"],
        prong: float,
        sizes: tuple[float, float, float, float],
    ) -> tuple[Solid, list[Solid]]:
        """The plug's body, and its prongs as far as they are not yet in."""
        long, thick, apart, pin = sizes
        pair = (self.plug, self.plug)
        metal = (_METAL, _METAL)
        if self.kind == "strip":
            aside = np.array([1.0, 0.0, 0.0])
            shape, length, yaw = "slab", (thick, long, thick), 0.0
            pin_size, drop = (pin, prong, pin), 1.0
        else:
            aside = np.array([0.0, 1.0, 0.0]) if self.kind == "plate" else np.zeros(3)
            yaw = float(np.arctan2(-out[2], out[0]))
            shape, length = "slab", (long, thick, thick)
            pin_size, drop = (prong, pin, pin), 0.5
        # A lying solid stands on the middle of its foot; an upright one begins at its foot.
        upright = self.kind == "strip"
        at = front if upright else front + out * long / 2 - np.array([0.0, thick / 2, 0.0])
        body = Solid(shape, length, _point(at), pair, yaw=yaw)
        pins = []
        for sign in (-1.0, 1.0) if apart else (0.0,):
            place = front - out * prong * drop + aside * sign * apart / 2
            if not upright:
                place = place - np.array([0.0, pin / 2, 0.0])
            pins.append(Solid("slab", pin_size, _point(place), metal, yaw=yaw, grounded=False))
        return body, pins

    def _cable(self, tail: Float64[np.ndarray, "3"], out: Float64[np.ndarray, "3"]) -> Sheet:
        """From the plug's tail down to the table and out of the frame."""
        end = np.array(self.end)
        bend = tail + out * 0.45
        low = np.array([(tail[0] + 2 * end[0]) / 3, 0.01, end[2]])
        t = np.linspace(0, 1, _LINKS + 1)[:, None]
        path = (
            (1 - t) ** 3 * tail
            + 3 * (1 - t) ** 2 * t * bend
            + 3 * (1 - t) * t**2 * low
            + t**3 * end
        )
        path[:, 1] = np.maximum(path[:, 1], 0.015)
        wide = np.cross(np.gradient(path, axis=0), path - _LENS)
        wide *= 0.022 / np.linalg.norm(wide, axis=1, keepdims=True)
        one, other = path + wide, path - wide
        facets = np.stack([one[:-1], one[1:], other[1:], other[:-1]], axis=1)
        return Sheet(facets, np.broadcast_to(np.array(self.cable), (_LINKS, 3)).copy())


def _point(values: Float64[np.ndarray, "3"]) -> Point:
    x, y, z = values.tolist()
    return (x, y, z)
