"""A rendered clip of one action: a pure function of split, index and class."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from jaxtyping import Float, UInt8

from maagn.opposites.action import Action
from maagn.opposites.actions import ACTIONS
from maagn.opposites.backdrop import Backdrop
from maagn.opposites.camera import Camera
from maagn.opposites.cast import Cast
from maagn.opposites.lens import SUPERSAMPLE, Lens, margin
from maagn.opposites.pace import Pace
from maagn.opposites.paint import Canvas
from maagn.opposites.scene import paint_scene
from maagn.opposites.split import Split, number_of
from maagn.opposites.surface import light_on

OPPOSITES_LABELS: tuple[str, ...] = tuple(
    label for action in ACTIONS for label in (action.forward, action.backward)
)
OPPOSITES_PAIRS: tuple[tuple[str, str], ...] = tuple(
    (action.forward, action.backward) for action in ACTIONS
)
_PATH = 0.5  # of a frame width: about how far an action goes


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
        pace: progress over time, pauses, completeness, and where a loop is entered.
        lens: shutter, blur, exposure, noise and compression.
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
    lens: Lens

    def render(
        self, times: Sequence[float] | Float[np.ndarray, " t"], *, size: int = 64
    ) -> UInt8[np.ndarray, "t size size 3"]:
        """Draw the frames at those times, RGB.

        Args:
            times: in [0, 1] of the clip, in any order.
            size: of the square frames in pixels; the scene is the same at every size.
        """
        still = self._still(size, self.camera) if self._stands() else None
        gain = light_on(self.backdrop.light, self.backdrop.vignette, size)
        frames = np.empty((len(times), size, size, 3), np.uint8)
        for frame, time in zip(frames, times, strict=True):
            moment = self.pace.scene_time(float(time), reverse=self.reverse)
            pixels = self._open_shutter(moment, size, still)
            shake = self.camera.shake(moment)
            self.lens.expose(pixels, gain, shake=shake, time=moment, out=frame)
        return frames

    def _open_shutter(
        self, moment: float, size: int, still: Canvas | None
    ) -> UInt8[np.ndarray, "s s 3"]:
        """The mean of as many paintings as the motion while the shutter is open is pixels long."""
        half = self.lens.shutter / 2
        first, last = max(0.0, moment - half), min(1.0, moment + half)
        way = abs(self.pace.progress(last) - self.pace.progress(first)) * _PATH * size
        number = min(6, max(1, ceil(way)))
        if number == 1:
            return self._paint(moment, size, still)
        moments = [first + (last - first) * (i + 0.5) / number for i in range(number)]
        paintings = np.stack([self._paint(m, size, still) for m in moments])
        mean: UInt8[np.ndarray, "s s 3"] = paintings.mean(axis=0).astype(np.uint8)
        return mean

    def _paint(self, moment: float, size: int, still: Canvas | None) -> UInt8[np.ndarray, "s s 3"]:
        progress = self.pace.progress(moment)
        if still is None:
            canvas = self._still(size, self.action.view(self.camera, progress))
        else:
            canvas = still.copy()
        self.backdrop.paint_moving(canvas, moment)
        paint_scene(canvas, self.action.stage(progress))
        return canvas.pixels

    def _stands(self) -> bool:
        return self.action.view(self.camera, 0.0) == self.action.view(self.camera, 1.0)

    def _still(self, size: int, camera: Camera) -> Canvas:
        canvas = Canvas.blank(
            size=size,
            supersample=SUPERSAMPLE,
            margin=margin(size),
            camera=camera,
            light=self.backdrop.light,
        )
        self.backdrop.paint_still(canvas)
        return canvas


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
        lens=Lens.draw(rng),
    )
