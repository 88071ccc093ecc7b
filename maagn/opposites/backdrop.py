"""What stands still: a wall, a table in perspective, things at its far end, and the light."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from jaxtyping import UInt8

from maagn.opposites.paint import Canvas, Colour, paint_shadows, paint_solid
from maagn.opposites.props import Prop, draw_colour

_TABLE = 192  # side of the table's texture in pixels
_FAR = 1.15  # where the table ends
_WOODS: tuple[Colour, ...] = (
    (176, 128, 82), (140, 92, 56), (205, 168, 120), (96, 64, 44), (222, 204, 176), (160, 150, 140),
)  # fmt: skip


@cache
def grain() -> UInt8[np.ndarray, "n n 3"]:
    """A bank of sensor noise about 128, from which every frame takes its own window."""
    rng = np.random.default_rng(20180615)
    noise = rng.normal(128, 32, size=(1024, 1024, 3))
    return np.clip(noise, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Backdrop:
    """Everything about the place that does not move.

    Attributes:
        wall: RGB in [0, 255].
        table: RGB in [0, 255].
        pattern: `wood`, `cloth` or `plain`.
        pitch: of the cloth's checks or the boards' seams, in pixels of the texture.
        patch: where in the noise bank the textures are taken from.
        poster: left, top, right, bottom in frame widths, and RGB; none for a bare wall.
        distractors: things at the far end and where they stand.
        light: unit vector towards the light.
        vignette: how much darker the corners are, in [0, 1].
    """

    wall: Colour
    table: Colour
    pattern: str
    pitch: int
    patch: tuple[int, int]
    poster: tuple[float, float, float, float, Colour] | None
    distractors: tuple[tuple[Prop, tuple[float, float, float]], ...]
    light: tuple[float, float, float]
    vignette: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Backdrop":
        """A place at random."""
        pattern = ("wood", "cloth", "plain")[rng.integers(3)]
        tint = _WOODS[rng.integers(len(_WOODS))] if pattern == "wood" else draw_colour(rng)[1]
        grey = rng.uniform(0.0, 0.5)
        table = tuple(float(c * (1 - grey) + 128 * grey) for c in tint)
        level = rng.uniform(90, 225)
        wall = tuple(float(c) for c in np.clip(level + rng.normal(0, 14, size=3), 20, 245))
        light = np.array([rng.uniform(-0.7, 0.7), 1.0, rng.uniform(-0.8, -0.2)])
        light /= np.linalg.norm(light)
        things = tuple(
            (
                Prop.draw(rng, scale=(0.7, 1.0)),
                (side * rng.uniform(0.5, 1.25), 0.0, rng.uniform(0.75, 1.0)),
            )
            for side in rng.permutation([-1.0, 1.0])[: rng.integers(0, 3)]
        )
        left, top = rng.uniform(0.0, 0.7), rng.uniform(-0.1, 0.1)
        poster = (
            left,
            top,
            left + rng.uniform(0.15, 0.4),
            top + rng.uniform(0.1, 0.2),
            draw_colour(rng)[1],
        )
        return cls(
            wall=(wall[0], wall[1], wall[2]),
            table=(table[0], table[1], table[2]),
            pattern=pattern,
            pitch=int(rng.integers(12, 40)),
            patch=(int(rng.integers(0, 700)), int(rng.integers(0, 700))),
            poster=poster if rng.random() < 0.5 else None,
            distractors=things,
            light=(float(light[0]), float(light[1]), float(light[2])),
            vignette=rng.uniform(0.1, 0.45),
        )

    def paint(self, canvas: Canvas) -> None:
        """Wall, table, and what stands at the far end."""
        self._paint_wall(canvas)
        corners = np.array([[-2.6, 0, _FAR], [2.6, 0, _FAR], [2.6, 0, -1.55], [-2.6, 0, -1.55]])
        target = canvas.place(corners).astype(np.float32)
        source = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * (_TABLE - 1)
        warp = cv2.getPerspectiveTransform(source, target)
        side = canvas.pixels.shape[0]
        cv2.warpPerspective(
            self._texture(), warp, (side, side), dst=canvas.pixels,
            flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT,
        )  # fmt: skip
        edge = np.rint(target[:2]).astype(np.int32)
        cv2.line(
            canvas.pixels, edge[0].tolist(), edge[1].tolist(), (60, 54, 50), max(1, side // 140)
        )
        paint_shadows(canvas, [(at, prop.radius) for prop, at in self.distractors])
        for prop, at in self.distractors:
            paint_solid(canvas, prop.solid(at))

    def gain(self, size: int) -> UInt8[np.ndarray, "size size 3"]:
        """What to multiply a frame by, in 1/200: bright towards the light, dark in the corners."""
        grid = np.linspace(-1, 1, 12)
        x, y = np.meshgrid(grid, grid)
        gain = 1.04 + 0.14 * self.light[0] * x - 0.06 * y - self.vignette * 0.32 * (x * x + y * y)
        small = np.clip(gain * 200, 0, 255).astype(np.uint8)
        return cv2.merge([cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC)] * 3)

    def _paint_wall(self, canvas: Canvas) -> None:
        side = canvas.pixels.shape[0]
        row, column = self.patch
        mottle = cv2.GaussianBlur(grain()[row : row + 14, column : column + 14], (3, 3), 0)
        mottle = cv2.cvtColor(cv2.cvtColor(mottle, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        mottle = cv2.resize(mottle, (side, side), interpolation=cv2.INTER_CUBIC)
        canvas.pixels[:] = np.array(self.wall, np.uint8)
        if self.poster is not None:
            *rect, colour = self.poster
            left, top, right, bottom = (round(v * canvas.width + canvas.margin) for v in rect)
            cv2.rectangle(canvas.pixels, (left, top), (right, bottom), (236, 232, 224), -1)
            inset = max(1, side // 60)
            corner = (left + inset, top + inset), (right - inset, bottom - inset)
            cv2.rectangle(canvas.pixels, *corner, colour, -1)
        cv2.addWeighted(canvas.pixels, 1.0, mottle, 0.5, -64, dst=canvas.pixels)

    def _texture(self) -> UInt8[np.ndarray, "n n 3"]:
        row, column = self.patch
        noise = grain()
        # Long thin windows, stretched: the fibres of wood run along the table.
        shape = {"wood": (96, 6), "cloth": (96, 96), "plain": (24, 24)}[self.pattern]
        window = noise[row : row + shape[0], column : column + shape[1], 0]
        fibre = cv2.resize(window, (_TABLE, _TABLE), interpolation=cv2.INTER_CUBIC)
        base = np.empty((_TABLE, _TABLE, 3), np.uint8)
        base[:] = np.array(self.table, np.uint8)
        if self.pattern == "cloth":
            pale = tuple(min(255.0, c * 0.6 + 110) for c in self.table)
            for start in range(0, _TABLE, 2 * self.pitch):
                base[start : start + self.pitch] = pale
            dark = (base * 0.8).astype(np.uint8)
            for start in range(0, _TABLE, 2 * self.pitch):
                base[:, start : start + self.pitch] = dark[:, start : start + self.pitch]
        elif self.pattern == "wood":
            for start in range(self.pitch // 2, _TABLE, self.pitch + 8):
                base[start : start + 1] = (base[start : start + 1] * 0.6).astype(np.uint8)
        return cv2.addWeighted(base, 1.0, cv2.merge([fibre] * 3), 0.45, -0.45 * 128)
