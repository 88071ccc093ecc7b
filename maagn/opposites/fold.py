"""Folding and unfolding: a cloth or a sheet of paper on the table, one part turned over."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from maagn.opposites.action import Action, Element, Held, beside, draw_sign, span
from maagn.opposites.cast import Cast
from maagn.opposites.hand import Grip, HandLook
from maagn.opposites.paint import Colour, Point, Sheet
from maagn.opposites.props import draw_colour

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
