"""From a painted canvas to a frame: shake, blur, light, sensor noise and compression."""

from dataclasses import dataclass
from math import pi, sin

import cv2
import numpy as np
from jaxtyping import UInt8

from maagn.opposites.grain import grain

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
        room, wide = margin(size), size * SUPERSAMPLE
        dx, dy = (round(room + v * wide) for v in shake)
        frame = pixels[dy : dy + wide, dx : dx + wide]
        frame = cv2.resize(frame, (size, size), interpolation=cv2.INTER_AREA)
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
