"""A pinhole camera over the table, and its lens: shake, blur, light, sensor noise, compression.

x to the right, y up, z away from the lens, in table units.
"""

from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import cos, pi, sin

import cv2
import numpy as np
from jaxtyping import Float64, Shaped, UInt8

_NEAR = 0.15  # what is nearer to the lens is projected as if it were here


@dataclass(frozen=True)
class Camera:
    """Where the camera stands, where it looks, and how the hand that holds it shakes.

    Attributes:
        x: of the lens, right of the middle of the table; a table unit is about a third of the
            frame's width.
        height: of the lens over the table.
        distance: of the lens in front of the middle of the table.
        pitch: radians looked down.
        yaw: radians turned to the right.
        focal: focal length in frame widths.
        sway: amplitude of the shake in frame widths.
        beat: four pairs of angular frequency and phase; the first two move x, the others y.
    """

    x: float
    height: float
    distance: float
    pitch: float
    yaw: float
    focal: float
    sway: float
    beat: tuple[tuple[float, float], ...]

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Camera":
        """A camera at random: most are held in a hand, some stand still."""
        beat = tuple((rng.uniform(2, 15), rng.uniform(0, 6.3)) for _ in range(4))
        return cls(
            x=rng.uniform(-0.2, 0.2),
            height=rng.uniform(1.05, 1.6),
            distance=rng.uniform(2.05, 2.45),
            pitch=rng.uniform(0.38, 0.50),
            yaw=rng.uniform(-0.07, 0.07),
            focal=rng.uniform(0.92, 1.1),
            sway=rng.uniform(0.0, 0.03) if rng.random() < 0.8 else 0.0,
            beat=beat,
        )

    def shake(self, time: float) -> tuple[float, float]:
        """Displacement of the frame at that time of the scene, in frame widths."""
        (a, b, c, d) = (sin(w * time + phase) for w, phase in self.beat)
        return self.sway * 0.5 * (a + b), self.sway * 0.5 * (c + d)

    @cached_property
    def _lens(self) -> Float64[np.ndarray, "3"]:
        return np.array([self.x, self.height, -self.distance])

    @cached_property
    def _axes(self) -> Float64[np.ndarray, "3 3"]:
        """Rows: right, up and ahead of the lens, in world axes."""
        s, c, sp, cp = sin(self.yaw), cos(self.yaw), sin(self.pitch), cos(self.pitch)
        return np.array([[c, 0.0, -s], [s * sp, cp, c * sp], [s * cp, -sp, c * cp]])

    def rays(self, points: Float64[np.ndarray, "*n 3"]) -> Float64[np.ndarray, "*n 3"]:
        """From the lens to the points, in world axes."""
        ray: Float64[np.ndarray, "*n 3"] = points - self._lens
        return ray

    def project(self, points: Float64[np.ndarray, "*n 3"]) -> Float64[np.ndarray, "*n 2"]:
        """Place in the frame, in frame widths from its top left corner."""
        seen = self.rays(points) @ self._axes.T
        scale = self.focal / np.maximum(seen[..., 2], _NEAR)
        places = np.empty((*seen.shape[:-1], 2))
        places[..., 0] = 0.5 + seen[..., 0] * scale
        places[..., 1] = 0.5 - seen[..., 1] * scale
        return places

    def scale(self, point: tuple[float, float, float]) -> float:
        """Frame widths that one table unit takes at that point."""
        depth = float((np.array(point) - self._lens) @ self._axes[2])
        return self.focal / max(depth, _NEAR)

    def plane(
        self,
        origin: tuple[float, float, float],
        across: tuple[float, float, float],
        along: tuple[float, float, float],
    ) -> Float64[np.ndarray, "3 3"]:
        """Homography from (u, v) of the plane origin + u across + v along to the frame.

        Unlike four projected corners it holds where part of the plane is behind the lens.
        """
        lens = np.array([[self.focal, 0, 0.5], [0, -self.focal, 0.5], [0, 0, 1.0]])
        spread = np.stack([across, along, np.array(origin) - self._lens], axis=1)
        homography: Float64[np.ndarray, "3 3"] = lens @ self._axes @ spread
        return homography


_SIDE = 1024


@cache
def grain() -> UInt8[np.ndarray, "n n 3"]:
    """Noise about 128 with a standard deviation of 32."""
    rng = np.random.default_rng(20180615)
    noise = rng.normal(128, 32, size=(_SIDE, _SIDE, 3))
    return np.clip(noise, 0, 255).astype(np.uint8)


def window(
    place: tuple[int, int], high: int, wide: int, *, size: tuple[int, int]
) -> UInt8[np.ndarray, "h w"]:
    """Grey noise of high by wide cells at that place of the bank, stretched to (width, height)."""
    row, column = place
    cells = grain()[row : row + high, column : column + wide, 0]
    return cv2.resize(cells, size, interpolation=cv2.INTER_CUBIC)


SUPERSAMPLE = 2
_MARGIN = 0.045  # of a frame width, on every side: more than the camera ever shakes
_PLAIN = 256  # frames of this side are compressed as the clip says, smaller ones less


@dataclass(frozen=True)
class Lens:
    """What the camera does to what it sees.

    Attributes:
        shutter: for how much of the clip it is open; what moves meanwhile is blurred.
        noise: sensor noise, as a share of the noise bank's.
        blur: radius of the lens blur in 1/1000 of a frame width.
        exposure: gain of the whole picture.
        drift: by how much the exposure wanders, as a share.
        quality: of JPEG, in [1, 100].
        seed: chooses each frame's window of the noise bank.
    """

    shutter: float
    noise: float
    blur: float
    exposure: float
    drift: float
    quality: int
    seed: int

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Lens":
        """A lens and sensor at random."""
        return cls(
            shutter=rng.uniform(0.0, 0.02),
            noise=rng.uniform(0.05, 0.28),
            blur=rng.uniform(0.0, 6.0),
            exposure=rng.uniform(0.75, 1.2),
            drift=rng.uniform(0.0, 0.08),
            quality=int(rng.integers(35, 92)),
            seed=int(rng.integers(2**31)),
        )

    def clear(self) -> "Lens":
        """The same lens with about the least blur, noise and compression that `draw` gives.

        What moves is blurred by the shutter as before.
        """
        return replace(
            self,
            noise=min(self.noise, 0.1),
            blur=min(self.blur, 0.5),
            quality=max(self.quality, 91),
        )

    def expose(
        self,
        pixels: UInt8[np.ndarray, "s s 3"],
        gain: UInt8[np.ndarray, "n n 3"],
        *,
        shake: tuple[float, float],
        time: float,
        out: UInt8[np.ndarray, "n n 3"],
    ) -> None:
        """Write the frame that the canvas makes at that moment of the scene.

        Args:
            pixels: the canvas, with its margin.
            gain: the light's, as `light_on` gives it.
            shake: displacement in frame widths.
            time: of the scene, in [0, 1]; the same time gives the same noise.
            out: where the frame goes.
        """
        size = len(out)
        frame = framed(pixels, size, shake=shake)
        sigma = self.blur * size / 1000
        if sigma > 0.2:
            frame = cv2.GaussianBlur(frame, (0, 0), sigma)
        exposure = self.exposure * (1 + self.drift * sin(2 * pi * time + self.seed % 7))
        frame = cv2.multiply(frame, gain, scale=exposure / 200)
        draw = _scatter(round(time * 1_000_000) ^ self.seed << 20)
        row, column = draw % (len(grain()) - size), (draw >> 32) % (len(grain()) - size)
        noise = grain()[row : row + size, column : column + size]
        cv2.addWeighted(frame, 1.0, noise, self.noise, -128 * self.noise, dst=out)
        quality = round(100 - (100 - self.quality) * min(1.0, size / _PLAIN))
        coded = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        out[:] = cv2.imdecode(coded, cv2.IMREAD_COLOR)


def framed(
    pixels: Shaped[np.ndarray, "s s c"], size: int, *, shake: tuple[float, float]
) -> Shaped[np.ndarray, "n n c"]:
    """What of a canvas the shaken camera has in its frame, at the frame's own resolution."""
    room, wide = margin(size), size * SUPERSAMPLE
    dx, dy = (round(room + v * wide) for v in shake)
    part = pixels[dy : dy + wide, dx : dx + wide]
    return cv2.resize(part, (size, size), interpolation=cv2.INTER_AREA)


def margin(size: int) -> int:
    """Pixels of a canvas round a frame of that side."""
    return max(2, round(_MARGIN * size * SUPERSAMPLE))


def _scatter(number: int) -> int:
    """Mix 64 bits as splitmix64 does, lest noise drift with time and show its direction."""
    mask = 2**64 - 1
    number = (number + 0x9E3779B97F4A7C15) & mask
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & mask
    number = (number ^ number >> 27) * 0x94D049BB133111EB & mask
    return number ^ number >> 31
