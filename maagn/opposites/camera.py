"""A pinhole camera over the table: x to the right, y up, z away from the lens, in table units."""

from dataclasses import dataclass
from functools import cached_property
from math import cos, sin

import numpy as np
from jaxtyping import Float64

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
