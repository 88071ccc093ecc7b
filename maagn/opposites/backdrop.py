"""What the action takes no part in: a wall, a table with its texture, things on it, light."""

from dataclasses import dataclass
from functools import lru_cache
from math import sin

import cv2
import numpy as np
from jaxtyping import Float64, UInt8

from maagn.opposites.camera import Camera, window
from maagn.opposites.cast import Cast
from maagn.opposites.paint import Canvas, Colour, Point, paint_shadows, paint_solid
from maagn.opposites.props import Prop, draw_colour

FAR = 1.15  # where the table ends and the wall stands, in table units
_WOODS: tuple[Colour, ...] = (
    (176, 128, 82), (140, 92, 56), (205, 168, 120), (96, 64, 44), (222, 204, 176), (160, 150, 140),
    (70, 52, 42), (188, 110, 70),
)  # fmt: skip
_TABLES = ("wood", "cloth", "plain", "stone")
_WALLS = ("plain", "stripes", "tiles", "panel")


@dataclass(frozen=True)
class Plane:
    """Where a texture lies: u and v run from 0 to 1 over it."""

    origin: Point
    across: Point
    along: Point

    def paint(self, canvas: Canvas, texture: UInt8[np.ndarray, "h w 3"]) -> None:
        """Warp the texture onto what of the plane the camera sees."""
        height, width = texture.shape[:2]
        camera: Camera = canvas.camera
        plane = camera.plane(self.origin, self.across, self.along)
        frame = np.array(
            [[canvas.width, 0, canvas.margin], [0, canvas.width, canvas.margin], [0, 0, 1]]
        )
        texels = np.diag([1 / width, 1 / height, 1.0])
        side = canvas.pixels.shape[0]
        cv2.warpPerspective(
            texture, frame @ plane @ texels, (side, side), dst=canvas.pixels,
            flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT,
        )  # fmt: skip


TABLE = Plane((-4.5, 0.0, FAR), (9.0, 0.0, 0.0), (0.0, 0.0, -2.9))
WALL = Plane((-6.0, 3.4, FAR), (12.0, 0.0, 0.0), (0.0, -4.0, 0.0))


@dataclass(frozen=True)
class Table:
    """The top of a table.

    Attributes:
        pattern: `wood`, `cloth`, `plain` or `stone`.
        colour: RGB in [0, 255].
        pitch: how many checks or boards there are from the near end to the far.
        patch: where in the noise bank its grain is taken from.
    """

    pattern: str
    colour: Colour
    pitch: int
    patch: tuple[int, int]

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Table":
        """A table at random."""
        pattern = _TABLES[rng.integers(len(_TABLES))]
        tint = _WOODS[rng.integers(len(_WOODS))] if pattern == "wood" else draw_colour(rng)[1]
        grey = rng.uniform(0.0, 0.5)
        r, g, b = (float(c * (1 - grey) + 128 * grey) for c in tint)
        return cls(pattern, (r, g, b), int(rng.integers(6, 20)), _patch(rng))

    def texture(self, size: int) -> UInt8[np.ndarray, "size _w 3"]:
        """From above, the far end first: its fibres, and its boards or checks."""
        wide = 2 * size
        # Few columns and many rows, stretched: the fibres of wood run across the table.
        cells = {"wood": (96, 12), "cloth": (110, 220), "plain": (64, 128), "stone": (26, 52)}
        fibre = window(self.patch, *cells[self.pattern], size=(wide, size))
        places, table = np.arange(size) / size, np.array(self.colour)
        if self.pattern == "cloth":
            rows = (places * self.pitch).astype(np.int64) % 2
            columns = (np.arange(wide) / size * 1.6 * self.pitch).astype(np.int64) % 2
            pale = table * 0.5 + 120
            tones = np.array([table, pale * 0.55 + table * 0.45, table * 0.8, pale])
            kind = 2 * rows[:, None] + columns[None, :]
        else:
            boards = (places * self.pitch * 0.6) if self.pattern == "wood" else places * 0
            seam = (boards % 1.0 < 0.06) & (boards > 1)
            tones = np.array([table, table * 0.93, table * 1.06, table * 0.62])
            kind = np.where(seam, 3, (boards.astype(np.int64) * 7 // 3) % 3)[:, None]
        base = np.clip(tones, 0, 255).astype(np.uint8)[kind]
        base = np.ascontiguousarray(np.broadcast_to(base, (size, wide, 3)))
        depth = 0.7 if self.pattern == "stone" else 0.4
        return _grained(base, fibre, depth)

    def paint(self, canvas: Canvas) -> None:
        """The table, and its far edge."""
        TABLE.paint(canvas, _texture(self, _texels(canvas, 1.1)))
        ends = np.array([TABLE.origin, (4.5, 0.0, FAR)])
        edge = np.rint(canvas.place(ends)).astype(np.int32)
        thick = max(1, canvas.pixels.shape[0] // 140)
        cv2.line(canvas.pixels, edge[0].tolist(), edge[1].tolist(), (60, 54, 50), thick)


@dataclass(frozen=True)
class Wall:
    """What is behind the table.

    Attributes:
        pattern: `plain`, `stripes`, `tiles` or `panel` (wood to half its height).
        colour: RGB in [0, 255].
        second: of the stripes, the joints or the panel.
        pitch: stripes or tiles over the wall's whole width.
        patch: where in the noise bank its grain is taken from.
        posters: left, top, right, bottom as shares of the wall, and RGB.
    """

    pattern: str
    colour: Colour
    second: Colour
    pitch: int
    patch: tuple[int, int]
    posters: tuple[tuple[float, float, float, float, Colour], ...]

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Wall":
        """A wall at random."""
        level = rng.uniform(70, 215)
        r, g, b = (float(c) for c in np.clip(level + rng.normal(0, 16, size=3), 20, 245))
        shift = rng.choice([-1, 1]) * rng.uniform(12, 40)
        second = tuple(float(np.clip(c + shift, 10, 250)) for c in (r, g, b))
        posters = []
        for left in (0.36, 0.48, 0.60):
            if rng.random() < 0.45:
                x, y = left + rng.uniform(-0.02, 0.03), rng.uniform(0.36, 0.58)
                w, h = rng.uniform(0.05, 0.10), rng.uniform(0.10, 0.24)
                posters.append((x, y, x + w, y + h, draw_colour(rng)[1]))
        return cls(
            pattern=_WALLS[rng.integers(len(_WALLS))],
            colour=(r, g, b),
            second=(second[0], second[1], second[2]),
            pitch=int(rng.integers(28, 90)),
            patch=_patch(rng),
            posters=tuple(posters),
        )

    def texture(self, size: int) -> UInt8[np.ndarray, "size _w 3"]:
        """Seen straight on: a third of its width high."""
        wide = 3 * size
        base = np.empty((size, wide, 3), np.uint8)
        base[:] = np.array(self.colour, np.uint8)
        second = np.array(self.second, np.uint8)
        x, y = np.arange(wide) / wide, np.arange(size) / size
        if self.pattern == "stripes":
            base[:, (x * self.pitch).astype(np.int64) % 2 == 1] = second
        elif self.pattern == "tiles":
            base[:, x * self.pitch % 1 < 0.12] = second
            base[y * self.pitch / 3 % 1 < 0.12] = second
        elif self.pattern == "panel":
            base[y > 0.72] = second
            base[np.abs(y - 0.72) < 0.008] = second // 2
        for left, top, right, bottom, colour in self.posters:
            a, b, c, d = (
                round(v * side)
                for v, side in zip((left, top, right, bottom), (wide, size) * 2, strict=True)
            )
            inset = max(1, size // 70)
            cv2.rectangle(base, (a, b), (c, d), (236, 232, 224), -1)
            cv2.rectangle(base, (a + inset, b + inset), (c - inset, d - inset), colour, -1)
            middle = ((a + c) // 2, (b * 2 + d) // 3)
            cv2.circle(base, middle, max(1, (d - b) // 5), self.second, -1)
        return _grained(base, window(self.patch, 30, 90, size=(wide, size)), 0.35)

    def paint(self, canvas: Canvas) -> None:
        """The wall, over the whole canvas."""
        canvas.pixels[:] = np.array(self.colour, np.uint8)
        WALL.paint(canvas, _texture(self, _texels(canvas, 0.8)))


@lru_cache(maxsize=8)  # a camera that moves sees the same surfaces in every frame
def _texture(surface: Table | Wall, size: int) -> UInt8[np.ndarray, "size _w 3"]:
    return surface.texture(size)


def _patch(rng: np.random.Generator) -> tuple[int, int]:
    return int(rng.integers(0, 800)), int(rng.integers(0, 700))


def _texels(canvas: Canvas, share: float) -> int:
    return min(640, round(canvas.pixels.shape[0] * share))


def _grained(
    base: UInt8[np.ndarray, "h w 3"], fibre: UInt8[np.ndarray, "h w"], depth: float
) -> UInt8[np.ndarray, "h w 3"]:
    return cv2.addWeighted(base, 1.0, cv2.merge([fibre] * 3), depth, -depth * 128)


def light_on(
    light: tuple[float, float, float], vignette: float, size: int
) -> UInt8[np.ndarray, "size size 3"]:
    """What to multiply a frame by, in 1/200: bright towards the light, dark in the corners."""
    x: Float64[np.ndarray, "1 n"] = np.linspace(-1, 1, 12)[None, :]
    y: Float64[np.ndarray, "n 1"] = np.linspace(-1, 1, 12)[:, None]
    gain = 1.04 + 0.14 * light[0] * x - 0.06 * y - vignette * 0.32 * (x * x + y * y)
    small = np.clip(gain * 200, 0, 255).astype(np.uint8)
    return cv2.merge([cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC)] * 3)


@dataclass(frozen=True)
class Distractor:
    """A thing that the action is not about; it stands still, or slides to and fro.

    Attributes:
        prop: the thing.
        at: the middle of its way.
        reach: how far it goes to each side, in table units; 0 stands still.
        beat: angular frequency and phase of its way.
    """

    prop: Prop
    at: Point
    reach: float
    beat: tuple[float, float]

    def place(self, time: float) -> Point:
        """Where it is at that moment of the scene, in [0, 1]."""
        frequency, phase = self.beat
        return (self.at[0] + self.reach * sin(frequency * time + phase), self.at[1], self.at[2])


@dataclass(frozen=True)
class Backdrop:
    """A place.

    Attributes:
        wall: behind the table.
        table: what everything stands on.
        distractors: things at the far end.
        light: unit vector towards the light.
        vignette: how much darker the corners are, in [0, 1].
    """

    wall: Wall
    table: Table
    distractors: tuple[Distractor, ...]
    light: tuple[float, float, float]
    vignette: float

    @classmethod
    def draw(cls, cast: Cast) -> "Backdrop":
        """A place at random."""
        rng = cast.rng
        light = np.array([rng.uniform(-0.7, 0.7), 1.0, rng.uniform(-0.8, -0.2)])
        light /= np.linalg.norm(light)
        places = rng.permutation([-1.15, -0.55, 0.05, 0.6, 1.2])[: rng.integers(0, 4)]
        distractors = tuple(
            Distractor(
                prop=cast.prop(scale=(0.65, 1.0)),
                at=(x + rng.uniform(-0.15, 0.15), 0.0, rng.uniform(0.78, 1.0)),
                reach=rng.uniform(0.15, 0.5) if rng.random() < 0.35 else 0.0,
                beat=(rng.uniform(2, 9), rng.uniform(0, 6.3)),
            )
            for x in places
        )
        return cls(
            wall=Wall.draw(cast.texture()),
            table=Table.draw(cast.texture()),
            distractors=distractors,
            light=(float(light[0]), float(light[1]), float(light[2])),
            vignette=rng.uniform(0.1, 0.45),
        )

    def paint_still(self, canvas: Canvas) -> None:
        """What looks the same at every moment, from one place of the camera."""
        self.wall.paint(canvas)
        self.table.paint(canvas)
        _paint(canvas, [d for d in self.distractors if not d.reach], 0.0)

    def paint_moving(self, canvas: Canvas, time: float) -> None:
        """The things that move, at that moment of the scene."""
        _paint(canvas, [d for d in self.distractors if d.reach], time)


def _paint(canvas: Canvas, distractors: list[Distractor], time: float) -> None:
    placed = [(d.prop, d.place(time)) for d in distractors]
    paint_shadows(canvas, [(at, prop.radius) for prop, at in placed])
    for prop, at in placed:
        paint_solid(canvas, prop.solid(at))
