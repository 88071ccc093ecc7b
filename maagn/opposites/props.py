"""Things of many kinds and colours that lie on the table or are moved over it."""

from dataclasses import dataclass, replace

import numpy as np

from maagn.opposites.paint import Colour, Point, Solid
from maagn.opposites.shapes import VARIANTS

# Width, height and depth of each kind before its size is drawn, in table units.
KINDS: dict[str, tuple[float, float, float]] = {
    "box": (0.56, 0.46, 0.42),
    "ball": (0.46, 0.46, 0.46),
    "bottle": (0.34, 0.72, 0.34),
    "can": (0.36, 0.5, 0.36),
    "mug": (0.42, 0.44, 0.42),
    "book": (0.62, 0.16, 0.48),
    "jar": (0.38, 0.48, 0.38),
    "cube": (0.38, 0.38, 0.38),
    "cone": (0.46, 0.6, 0.46),
    "phone": (0.36, 0.05, 0.64),
    "remote": (0.66, 0.1, 0.22),
    "tape": (0.46, 0.2, 0.46),
    "pot": (0.56, 0.5, 0.56),
    "egg": (0.34, 0.44, 0.34),
    "lemon": (0.5, 0.34, 0.34),
    "pyramid": (0.56, 0.48, 0.56),
    "teapot": (0.52, 0.5, 0.52),
    "shaker": (0.3, 0.52, 0.3),
    "duck": (0.5, 0.46, 0.36),
    "banana": (0.64, 0.3, 0.3),
    "brush": (0.68, 0.2, 0.24),
    "house": (0.54, 0.56, 0.44),
    "car": (0.68, 0.34, 0.34),
    "plant": (0.44, 0.6, 0.44),
    "hat": (0.62, 0.36, 0.62),
}
# What nature or custom colours in few ways; base and accent of everything else are free.
TINTS: dict[str, tuple[str, ...]] = {
    "lemon": ("yellow", "lime", "orange"),
    "banana": ("yellow", "lime"),
    "duck": ("yellow", "white", "orange", "sky", "pink"),
    "cone": ("orange", "red", "blue"),
}
ACCENTS: dict[str, tuple[str, ...]] = {
    "plant": ("green", "lime", "teal"),
    "duck": ("orange", "red"),
}
PALETTE: dict[str, Colour] = {
    "red": (200, 40, 40), "orange": (228, 122, 30), "yellow": (232, 200, 50),
    "lime": (140, 190, 50),
    "green": (40, 130, 70), "teal": (30, 140, 145), "sky": (90, 170, 220), "blue": (40, 75, 180),
    "purple": (120, 60, 160), "pink": (230, 120, 160), "white": (232, 230, 224),
    "grey": (120, 124, 130), "black": (42, 42, 48), "brown": (110, 70, 44),
}  # fmt: skip


def draw_colour(
    rng: np.random.Generator, names: tuple[str, ...] = tuple(PALETTE)
) -> tuple[str, Colour]:
    """One of those named colours, varied a little."""
    name = names[rng.integers(len(names))]
    r, g, b = np.clip(np.array(PALETTE[name]) + rng.normal(0, 12, size=3), 12, 245).tolist()
    return name, (r, g, b)


@dataclass(frozen=True)
class Prop:
    """A thing: kind, size, colours and how it is turned.

    Attributes:
        name: of the identity, e.g. `train-mug-3`.
        kind: one of `KINDS`, or another shape's name.
        size: width, height and depth in table units.
        colour: name of the base colour.
        colours: base and accent, RGB in [0, 255].
        yaw: radians turned about the vertical.
        variant: of the shape's outline and print.
    """

    name: str
    kind: str
    size: tuple[float, float, float]
    colour: str
    colours: tuple[Colour, Colour]
    yaw: float
    variant: int = 0

    @classmethod
    def draw(cls, rng: np.random.Generator, kind: str, name: str) -> "Prop":
        """The thing of that name, whose own random numbers these are."""
        stretch = rng.uniform(0.9, 1.1, size=2)
        w, h, d = KINDS[kind]
        colour, base = draw_colour(rng, TINTS.get(kind, tuple(PALETTE)))
        others = tuple(name for name in PALETTE if name != colour)
        return cls(
            name=name,
            kind=kind,
            size=(w * stretch[0], h * stretch[1], d * stretch[0]),
            colour=colour,
            colours=(base, draw_colour(rng, ACCENTS.get(kind, others))[1]),
            yaw=0.0,
            variant=int(rng.integers(VARIANTS)),
        )

    def placed(self, rng: np.random.Generator, scale: tuple[float, float]) -> "Prop":
        """The same thing as a clip shows it: its size within that range, turned at random."""
        gain = rng.uniform(*scale)
        w, h, d = self.size
        return replace(self, size=(w * gain, h * gain, d * gain), yaw=rng.uniform(-0.6, 0.6))

    @property
    def radius(self) -> float:
        """Half the width, in table units."""
        return self.size[0] / 2

    @property
    def rise(self) -> float:
        """How far below its middle an arm from below holds it, in table units."""
        return max(min(self.radius, self.size[2] / 2), 0.45 * self.size[1])

    def solid(self, at: Point, *, grounded: bool = True) -> Solid:
        """The thing with its foot there."""
        name = f"{self.kind}.{self.variant}"
        return Solid(name, self.size, at, self.colours, yaw=self.yaw, grounded=grounded)

    def middle(self, at: Point) -> Point:
        """Where a hand holds it when its foot is there."""
        return (at[0], at[1] + self.size[1] * 0.6, at[2])

    def fit(self, width: float, height: float) -> "Prop":
        """The same thing, shrunk where it is over that width or height."""
        return self.scaled(min(1.0, width / max(self.size[0], self.size[2]), height / self.size[1]))

    def scaled(self, gain: float) -> "Prop":
        """The same thing, so many times as large."""
        w, h, d = self.size
        return replace(self, size=(w * gain, h * gain, d * gain))
