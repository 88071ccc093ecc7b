"""A pinhole camera over the table: x to the right, y up, z away from the lens, in table units."""

from dataclasses import dataclass
from functools import cached_property
from math import cos, sin

import numpy as np
from jaxtyping import Float64


@dataclass(frozen=True)
class Camera:
    """Where the camera stands and how it shakes.

    Attributes:
        height: of the lens over the table; a table unit is about a third of the frame's width.
        distance: of the lens in front of the middle of the table.
        pitch: radians looked down.
        focal: focal length in frame widths.
        sway: amplitude of the shake in frame widths.
        beat: four pairs of angular frequency and phase; the first two move x, the others y.
    """

    height: float
    distance: float
    pitch: float
    focal: float
    sway: float
    beat: tuple[tuple[float, float], ...]

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Camera":
        """A camera at random."""
        beat = tuple((rng.uniform(3, 14), rng.uniform(0, 6.3)) for _ in range(4))
        return cls(
            height=rng.uniform(1.15, 1.5),
            distance=rng.uniform(2.1, 2.35),
            pitch=rng.uniform(0.40, 0.48),
            focal=rng.uniform(0.95, 1.1),
            sway=rng.uniform(0.0, 0.012),
            beat=beat,
        )

    @cached_property
    def _lens(self) -> Float64[np.ndarray, "3"]:
        return np.array([0.0, self.height, -self.distance])

    def shake(self, time: float) -> tuple[float, float]:
        """Displacement of the frame at that time of the scene, in frame widths."""
        (a, b, c, d) = (sin(w * time + phase) for w, phase in self.beat)
        return self.sway * 0.5 * (a + b), self.sway * 0.5 * (c + d)

    def rays(self, points: Float64[np.ndarray, "*n 3"]) -> Float64[np.ndarray, "*n 3"]:
        """From the lens to the points, in world axes."""
        ray: Float64[np.ndarray, "*n 3"] = points - self._lens
        return ray

    def project(self, points: Float64[np.ndarray, "*n 3"]) -> Float64[np.ndarray, "*n 2"]:
        """Place in the frame, in frame widths from its top left corner."""
        ray = self.rays(points)
        down, ahead = sin(self.pitch), cos(self.pitch)
        depth = ray[..., 2] * ahead - ray[..., 1] * down
        rise = ray[..., 1] * ahead + ray[..., 2] * down
        scale = self.focal / np.maximum(depth, 0.15)
        places = np.empty((*ray.shape[:-1], 2))
        places[..., 0] = 0.5 + ray[..., 0] * scale
        places[..., 1] = 0.5 - rise * scale
        return places

    def scale(self, point: tuple[float, float, float]) -> float:
        """Frame widths that one table unit takes at that point."""
        depth = (point[2] + self.distance) * cos(self.pitch)
        depth -= (point[1] - self.height) * sin(self.pitch)
        return self.focal / max(depth, 0.15)
