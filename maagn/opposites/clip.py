"""A rendered clip of one action: a pure function of split, index and class."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from maagn.opposites.action import Action, Held
from maagn.opposites.actions import ACTIONS
from maagn.opposites.backdrop import Backdrop, grain
from maagn.opposites.camera import Camera
from maagn.opposites.cast import Cast
from maagn.opposites.hand import HandPainter
from maagn.opposites.paint import (
    Canvas,
    Point,
    Sheet,
    Solid,
    paint_shadows,
    paint_sheet,
    paint_solid,
)
from maagn.opposites.split import Split, number_of

OPPOSITES_LABELS: tuple[str, ...] = tuple(
    label for action in ACTIONS for label in (action.forward, action.backward)
)
OPPOSITES_PAIRS: tuple[tuple[str, str], ...] = tuple(
    (action.forward, action.backward) for action in ACTIONS
)
_SUPERSAMPLE = 2
_MARGIN = 0.03  # of a frame width, on every side: more than the camera ever shakes
_TICKS = 1_000_000  # scene times are kept to a millionth, so that 1 - (1 - t) is t


@dataclass(frozen=True)
class Pace:
    """Progress of the scene over its time; a monotone curve.

    Attributes:
        pause: stillness at the beginning and at the end, as shares of the clip.
        done: progress at the beginning and at the end, in [0, 1].
        bend: exponent of the curve; 1 is even.
    """

    pause: tuple[float, float]
    done: tuple[float, float]
    bend: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Pace":
        """A pace at random, from a distribution that reversal in time leaves as it is."""
        bend = float(np.exp(rng.uniform(-0.35, 0.35)))
        pause = (rng.uniform(0, 0.16), rng.uniform(0, 0.16))
        return cls(pause, (rng.uniform(0, 0.08), 1 - rng.uniform(0, 0.08)), bend)

    def progress(self, time: float) -> float:
        """Progress in [0, 1] at that time of the scene in [0, 1]."""
        start, end = self.pause
        x = min(1.0, max(0.0, (time - start) / (1 - start - end)))
        # x^b / (x^b + (1-x)^b): bent evenly about the middle.
        a, b = x**self.bend, (1 - x) ** self.bend
        return float(self.done[0] + (self.done[1] - self.done[0]) * a / (a + b))


@dataclass(frozen=True)
class OppositeClip:
    """One clip and every factor that it was drawn with.

    The reverse member of a pair has the very same factors as the forward one of that split and
    index, and is rendered with time run backwards: no frame, and no unordered set of frames,
    tells the two apart.

    Attributes:
        label: class name of Something-Something V2.
        opposite: the other member of the pair.
        split: `train`, `val` or `test`.
        index: which clip of the split.
        reverse: whether time runs backwards.
        action: the scene and its own factors.
        backdrop: wall, table, distractors and light.
        camera: where it stands and how it shakes.
        pace: progress over time, pauses, completeness.
        noise: sensor noise, as a share of the noise bank's.
        blur: radius of the lens blur in 1/1000 of a frame width.
        exposure: gain of the whole picture.
        grain_seed: chooses each frame's window of the noise bank.
    """

    label: str
    opposite: str
    split: Split
    index: int
    reverse: bool
    action: Action
    backdrop: Backdrop
    camera: Camera
    pace: Pace
    noise: float
    blur: float
    exposure: float
    grain_seed: int

    def render(
        self, times: Sequence[float] | Float[np.ndarray, " t"], *, size: int = 64
    ) -> UInt8[np.ndarray, "t size size 3"]:
        """Draw the frames at those times, RGB.

        Args:
            times: in [0, 1] of the clip, in any order.
            size: of the square frames in pixels; the scene is the same at every size.
        """
        still = self._still(size)
        gain = self.backdrop.gain(size)
        frames = np.empty((len(times), size, size, 3), np.uint8)
        for frame, time in zip(frames, times, strict=True):
            scene_time = round((1 - time if self.reverse else time) * _TICKS) / _TICKS
            canvas = Canvas(still.pixels.copy(), *self._optics(size))
            self._paint(canvas, self.pace.progress(scene_time))
            self._expose(canvas, gain, scene_time, out=frame)
        return frames

    def factors(self) -> dict[str, Any]:
        """Every factor as plain values, for a file beside the clip."""
        return {"kind": type(self.action).__name__, **asdict(self)}

    def _optics(self, size: int) -> tuple[Camera, float, float, tuple[float, float, float], int]:
        width = float(size * _SUPERSAMPLE)
        segments = 14 if size <= 96 else 36
        return self.camera, width, float(_margin(size)), self.backdrop.light, segments

    def _still(self, size: int) -> Canvas:
        side = size * _SUPERSAMPLE + 2 * _margin(size)
        canvas = Canvas(np.empty((side, side, 3), np.uint8), *self._optics(size))
        self.backdrop.paint(canvas)
        return canvas

    def _paint(self, canvas: Canvas, progress: float) -> None:
        elements = self.action.stage(progress)
        paint_shadows(canvas, _feet(elements))
        for element in elements:
            if isinstance(element, Solid):
                paint_solid(canvas, element)
            elif isinstance(element, Sheet):
                paint_sheet(canvas, element)
            else:
                hand = HandPainter(canvas, element.grip)
                hand.behind()
                for solid in element.solids:
                    paint_solid(canvas, solid)
                hand.front()

    def _expose(
        self,
        canvas: Canvas,
        gain: UInt8[np.ndarray, "s s 3"],
        scene_time: float,
        *,
        out: UInt8[np.ndarray, "s s 3"],
    ) -> None:
        """Shake, lens, light and sensor."""
        size = len(out)
        margin, wide = _margin(size), size * _SUPERSAMPLE
        dx, dy = (round(margin + v * wide) for v in self.camera.shake(scene_time))
        window = canvas.pixels[dy : dy + wide, dx : dx + wide]
        frame = cv2.resize(window, (size, size), interpolation=cv2.INTER_AREA)
        sigma = self.blur * size / 1000
        if sigma > 0.2:
            frame = cv2.GaussianBlur(frame, (0, 0), sigma)
        frame = cv2.multiply(frame, gain, scale=self.exposure / 200)
        bank = grain()
        draw = _scatter(round(scene_time * _TICKS) ^ self.grain_seed << 20)
        room = len(bank) - size
        row, column = draw % room, (draw >> 32) % room
        noise = bank[row : row + size, column : column + size]
        cv2.addWeighted(frame, 1.0, noise, self.noise, -128 * self.noise, dst=out)


def _scatter(number: int) -> int:
    """Mix 64 bits as splitmix64 does, lest noise drift with time and show its direction."""
    mask = 2**64 - 1
    number = (number + 0x9E3779B97F4A7C15) & mask
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & mask
    number = (number ^ number >> 27) * 0x94D049BB133111EB & mask
    return number ^ number >> 31


def _margin(size: int) -> int:
    return max(2, round(_MARGIN * size * _SUPERSAMPLE))


def _feet(elements: Sequence[Solid | Sheet | Held]) -> list[tuple[Point, float]]:
    solids = [e for e in elements if isinstance(e, Solid)]
    solids += [s for e in elements if isinstance(e, Held) for s in e.solids]
    return [(s.at, (s.size[0] + s.size[2]) / 4) for s in solids if s.grounded]


def draw_clip(label: int | str, *, split: Split = "train", index: int = 0) -> OppositeClip:
    """The clip of that class, split and index.

    The factors come from a random stream of (split, index, pair): the three splits share none, and
    the two members of a pair share theirs.

    Raises:
        ValueError: no such class, split, or a negative index.
    """
    if isinstance(label, str) and label not in OPPOSITES_LABELS:
        raise ValueError(f"no class of the benchmark is called {label!r}")
    number = OPPOSITES_LABELS.index(label) if isinstance(label, str) else label
    if not 0 <= number < len(OPPOSITES_LABELS):
        raise ValueError(f"there are {len(OPPOSITES_LABELS)} classes, got {label}")
    if index < 0:
        raise ValueError(f"index must not be negative, got {index}")
    pair, reverse = divmod(number, 2)
    seed = np.random.SeedSequence([2018, number_of(split), pair, index])
    rng = np.random.Generator(np.random.PCG64(seed))
    cast = Cast(split, rng)
    return OppositeClip(
        label=OPPOSITES_LABELS[number],
        opposite=OPPOSITES_LABELS[number ^ 1],
        split=split,
        index=index,
        reverse=bool(reverse),
        action=ACTIONS[pair].draw(cast),
        backdrop=Backdrop.draw(cast),
        camera=Camera.draw(rng),
        pace=Pace.draw(rng),
        noise=rng.uniform(0.05, 0.22),
        blur=rng.uniform(0.0, 8.0),
        exposure=rng.uniform(0.85, 1.15),
        grain_seed=int(rng.integers(2**31)),
    )
