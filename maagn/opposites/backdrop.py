"""What stands still: a wall, a table in perspective, things at its far end, and the light."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from jaxtyping import UInt8

from maagn.opposites.cast import Cast
from maagn.opposites.paint import Canvas, Colour, paint_shadows, paint_solid
from maagn.opposites.props import Prop, draw_colour

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
        pitch: how many checks or boards there are from the near end to the far.
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
    def draw(cls, cast: Cast) -> "Backdrop":
        """A place at random."""
        rng = cast.rng
        pattern = ("wood", "cloth", "plain")[rng.integers(3)]
        tint = _WOODS[rng.integers(len(_WOODS))] if pattern == "wood" else draw_colour(rng)[1]
        grey = rng.uniform(0.0, 0.5)
        table = tuple(float(c * (1 - grey) + 128 * grey) for c in tint)
        level = rng.uniform(80, 200)
        wall = tuple(float(c) for c in np.clip(level + rng.normal(0, 14, size=3), 20, 245))
        light = np.array([rng.uniform(-0.7, 0.7), 1.0, rng.uniform(-0.8, -0.2)])
        light /= np.linalg.norm(light)
        things = tuple(
            (
                cast.prop(scale=(0.7, 1.0)),
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
            pitch=int(rng.integers(6, 20)),
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
        side = canvas.pixels.shape[0]
        texture = self._texture(192 if side < 256 else 640)
        source = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * (len(texture) - 1)
        warp = cv2.getPerspectiveTransform(source, target)
        cv2.warpPerspective(
            texture, warp, (side, side), dst=canvas.pixels,
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
        x, y = np.linspace(-1, 1, 12)[None, :], np.linspace(-1, 1, 12)[:, None]
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

    def _texture(self, side: int) -> UInt8[np.ndarray, "side side 3"]:
        """The table from above: its fibres, and its boards or checks."""
        row, column = self.patch
        # Long thin windows, stretched: the fibres of wood run across the table.
        high, wide = {"wood": (96, 6), "cloth": (110, 110), "plain": (64, 64)}[self.pattern]
        window = grain()[row : row + high, column : column + wide, 0]
        fibre = cv2.resize(window, (side, side), interpolation=cv2.INTER_CUBIC)
        places = np.arange(side) / side
        table = np.array(self.table)
        if self.pattern == "cloth":
            rows = (places * self.pitch).astype(np.int64) % 2
            columns = (places * self.pitch * 2).astype(np.int64) % 2
            pale = table * 0.5 + 120
            tones = np.array([table, pale * 0.55 + table * 0.45, table * 0.8, pale])
            kind = 2 * rows[:, None] + columns[None, :]
        else:
            boards = (places * self.pitch * 0.6) if self.pattern == "wood" else places * 0
            seam = (boards % 1.0 < 0.06) & (boards > 1)
            tones = np.array([table, table * 0.93, table * 1.06, table * 0.62])
            kind = np.where(seam, 3, (boards.astype(np.int64) * 7 // 3) % 3)[:, None]
        base = np.clip(tones, 0, 255).astype(np.uint8)[np.broadcast_to(kind, (side, side))]
        return cv2.addWeighted(base, 1.0, cv2.merge([fibre] * 3), 0.4, -0.4 * 128)
