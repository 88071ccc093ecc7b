"""Opening and closing a lid on a hinge; folding and unfolding a cloth or a sheet of paper."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from maagn.opposites.action import Action, Element, Held, beside, draw_sign, span
from maagn.opposites.cast import Cast
from maagn.opposites.hand import Grip, HandLook
from maagn.opposites.paint import Colour, Point, Sheet, Solid
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


_CELLS = 10  # along each side of the cloth
_LENS = np.array([0.0, 1.3, -2.2])  # about where the camera is: which side of a facet it sees
_PATTERNS = ("stripes", "checks", "border", "lines", "plain")


@dataclass(frozen=True)
class Fold(Action):
    """A hand takes the free edge of a cloth and turns it over about a crease."""

    forward = "Folding something"
    backward = "Unfolding something"

    hand: HandLook
    pattern: str
    colour: str
    colours: tuple[Colour, Colour]
    under: Colour
    size: tuple[float, float]
    share: float
    turn: float
    curl: float
    stop: float
    at: Point

    @classmethod
    def draw(cls, cast: Cast) -> "Fold":
        """A third to a half is turned over, from any side but the far one."""
        rng = cast.rng
        name, base = draw_colour(rng)
        sign = draw_sign(rng)
        # 0: the right part turns over to the left; -90 degrees: the near part to the far side.
        turn = rng.uniform(-0.6, 0.35)
        return cls(
            hand=cast.hand(side=beside(sign)),
            pattern=_PATTERNS[rng.integers(len(_PATTERNS))],
            colour=name,
            colours=(base, draw_colour(rng)[1]),
            under=_underside(base, rng.uniform(0.35, 0.75)),
            size=(rng.uniform(1.2, 1.5), rng.uniform(0.85, 1.05)),
            share=rng.uniform(0.36, 0.5),
            turn=turn if sign > 0 else np.pi - turn,
            curl=rng.uniform(0.3, 0.9),
            stop=rng.uniform(2.95, 3.08),
            at=(rng.uniform(-0.12, 0.12), 0.012, rng.uniform(-0.4, -0.2)),
        )

    def stage(self, p: float) -> Sequence[Element]:
        """The hand comes to the edge, carries it over, and leaves."""
        angle = self.stop * span(p, 0.15, 0.85)
        rest, flap, edge = self._facets(angle)
        reach = span(p, 0.0, 0.14) * span(1 - p, 0.0, 0.14)
        return [rest, flap, Held(Grip(self.hand, edge, 0.04, 0.04, reach))]

    def _facets(self, angle: float) -> tuple[Sheet, Sheet, Point]:
        """What lies, what is turned about the crease by that angle, and where its edge is."""
        wide, deep = self.size
        # Across the crease u runs from the resting edge to the free one; along it runs v.
        crease = wide * (0.5 - self.share)
        lying = np.linspace(-wide / 2, crease, _CELLS // 2 + 1)
        turned = np.linspace(0.0, wide * self.share, _CELLS // 2 + 1)
        v = np.linspace(-deep / 2, deep / 2, _CELLS - 1)
        rest = self._world(lying, np.zeros_like(lying), v)
        # The part nearest the crease lags and the free edge hangs back: the cloth curls.
        bend = self.curl * np.sin(angle) * turned / turned[-1]
        slope = angle - bend
        step = np.diff(turned, prepend=0.0)
        flap = self._world(
            crease + np.cumsum(step * np.cos(slope)), 0.012 + np.cumsum(step * np.sin(slope)), v
        )
        middle = flap[-1, len(v) // 2]
        inks = self._inks()
        n = len(lying) - 1
        shade = 1 - 0.3 * self._shadowed(rest, flap, angle)
        below = Sheet(_quads(rest), inks[:n].reshape(-1, 3) * shade[:, None])
        above = _quads(flap)
        # The upper side is seen while it faces the lens; then the other.
        downwards = np.cross(above[:, 2] - above[:, 0], above[:, 3] - above[:, 1])
        centre = above.mean(axis=1)
        upper = (downwards * (centre - _LENS)).sum(axis=1) > 0
        tints = np.where(upper[:, None], inks[n:].reshape(-1, 3), np.array(self.under))
        order = np.argsort(-((centre - _LENS) ** 2).sum(axis=1))
        place = (float(middle[0]), float(middle[1]), float(middle[2]))
        return below, Sheet(above[order], tints[order]), place

    def _world(
        self, u: Float64[np.ndarray, " a"], y: Float64[np.ndarray, " a"],
        v: Float64[np.ndarray, " b"],
    ) -> Float64[np.ndarray, "a b 3"]:  # fmt: skip
        c, s = np.cos(self.turn), np.sin(self.turn)
        x = self.at[0] + c * u[:, None] - s * v
        z = self.at[2] + s * u[:, None] + c * v
        return np.stack([x, np.broadcast_to(self.at[1] + y[:, None], x.shape), z], axis=-1)

    def _shadowed(
        self,
        rest: Float64[np.ndarray, "a b 3"],
        flap: Float64[np.ndarray, "c b 3"],
        angle: float,
    ) -> Float64[np.ndarray, " n"]:
        """How much the flap takes the light from each resting facet, in [0, 1]."""
        along = np.array([np.cos(self.turn), 0.0, np.sin(self.turn)])
        places = _quads(rest).mean(axis=1) @ along
        free, crease = flap[-1, 0] @ along, flap[0, 0] @ along
        covered = (places > free) & (places < crease)
        return covered * max(0.0, -float(np.cos(angle)))

    def _inks(self) -> Float64[np.ndarray, "a b 3"]:
        """Colours of the upper side's cells, from the resting edge to the free one."""
        i, j = np.indices((2 * (_CELLS // 2), _CELLS - 2))
        edge = (i == 0) | (j == 0) | (i == i.max()) | (j == j.max())
        on = {
            "stripes": i % 3 == 1,
            "checks": (i + j) % 2 == 0,
            "border": edge,
            "lines": j % 2 == 1,
            "plain": np.zeros_like(edge),
        }[self.pattern]
        inks: Float64[np.ndarray, "a b 3"] = np.where(
            on[..., None], np.array(self.colours[1]), np.array(self.colours[0])
        )
        return inks


def _quads(grid: Float64[np.ndarray, "a b 3"]) -> Float64[np.ndarray, "n 4 3"]:
    quads = np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], axis=2)
    return quads.reshape(-1, 4, 3)


def _underside(upper: Colour, pale: float) -> Colour:
    """A paler tone of the upper side, or a darker one where that is pale already."""
    towards = 245.0 if sum(upper) < 420 else 60.0
    r, g, b = (c + (towards - c) * pale for c in upper)
    return (r, g, b)
