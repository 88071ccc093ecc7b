"""A rendered clip of one action: a pure function of split, index and class.

Every pair of the benchmark stands here, in the order of its classes, and how far a scene has come
at each moment of its clip.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, exp, pi, sin

import numpy as np
from jaxtyping import Float, Int64, UInt8

from maagn.opposites.action import Action
from maagn.opposites.backdrop import Backdrop, light_on
from maagn.opposites.camera import SUPERSAMPLE, Camera, Lens, framed, margin
from maagn.opposites.cast import Cast
from maagn.opposites.covering import Bury, Cover, Hide
from maagn.opposites.film import Approach, TurnLeft, TurnUp
from maagn.opposites.masks import ClipMasks
from maagn.opposites.moving import (
    MoveCloser,
    MoveCloserTo,
    MoveTowardsCamera,
    MoveUp,
    PickUp,
    PullRight,
    PushRight,
    PutInto,
)
from maagn.opposites.opening import Fold, Open
from maagn.opposites.paint import Canvas
from maagn.opposites.plug import Plug
from maagn.opposites.scene import FULL, HAND, THING, paint_parts, paint_scene
from maagn.opposites.split import Split, number_of

ACTIONS: tuple[type[Action], ...] = (
    PushRight,
    PullRight,
    MoveUp,
    Open,
    Cover,
    PutInto,
    MoveTowardsCamera,
    PickUp,
    MoveCloser,
    MoveCloserTo,
    Fold,
    Plug,
    Bury,
    Hide,
    Approach,
    TurnLeft,
    TurnUp,
)


_TICKS = 1_000_000  # scene times are kept to a millionth, so that 1 - (1 - t) is t


@dataclass(frozen=True)
class Pace:
    """Progress of the scene over its time.

    Attributes:
        pause: stillness at the beginning and at the end, as shares of the clip.
        done: progress at the beginning and at the end, in [0, 1]; a part of the action may be all
            that is seen.
        bend: exponent of the curve; 1 is even.
        waver: amplitude by which the hand goes back and forth on its way, as a share of the way.
        beats: how often it does so.
        entry: where the clip enters the scene, in [0, 1): above zero, the clip is a loop entered at
            that moment, with a cut where the scene begins again, and its first frame says nothing
            about the direction.
    """

    pause: tuple[float, float]
    done: tuple[float, float]
    bend: float
    waver: float
    beats: float
    entry: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Pace":
        """A pace at random, from a distribution that reversal in time leaves as it is."""
        return cls(
            pause=(rng.uniform(0, 0.22), rng.uniform(0, 0.22)),
            done=(rng.uniform(0, 0.28), 1 - rng.uniform(0, 0.28)),
            bend=exp(rng.uniform(-0.4, 0.4)),
            waver=rng.uniform(0, 0.07),
            beats=rng.uniform(1.0, 3.0),
            entry=rng.uniform(0.05, 0.95) if rng.random() < 0.4 else 0.0,
        )

    @property
    def looped(self) -> bool:
        """Whether the clip enters the scene after its beginning."""
        return self.entry > 0

    def scene_time(self, time: float, *, reverse: bool) -> float:
        """The moment of the scene, in [0, 1], that is shown at that moment of the clip."""
        ticks = round((1 - time if reverse else time) * _TICKS) + round(self.entry * _TICKS)
        return (ticks - _TICKS if ticks > _TICKS else ticks) / _TICKS

    def progress(self, scene_time: float) -> float:
        """Progress in [0, 1] at that moment of the scene in [0, 1]."""
        start, end = self.pause
        x = min(1.0, max(0.0, (scene_time - start) / (1 - start - end)))
        # x^b / (x^b + (1-x)^b): bent evenly about the middle.
        a, b = x**self.bend, (1 - x) ** self.bend
        way = a / (a + b) + self.waver * sin(2 * pi * self.beats * x) * sin(pi * x)
        low, high = self.done
        return min(1.0, max(0.0, low + (high - low) * way))


OPPOSITES_LABELS: tuple[str, ...] = tuple(
    label for action in ACTIONS for label in (action.forward, action.backward)
)
OPPOSITES_PAIRS: tuple[tuple[str, str], ...] = tuple(
    (action.forward, action.backward) for action in ACTIONS
)


def opposite_numbers() -> Int64[np.ndarray, " k"]:
    """Each class's exact reversal in the benchmark, by number.

    The benchmark's own pairs, which differ from the label set's where a hand changes sides: a push
    from left to right, played backwards, is a pull from right to left.
    """
    opposite = np.empty(len(OPPOSITES_LABELS), np.int64)
    for forward, backward in OPPOSITES_PAIRS:
        i, j = OPPOSITES_LABELS.index(forward), OPPOSITES_LABELS.index(backward)
        opposite[i], opposite[j] = j, i
    return opposite


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

    def masks(
        self, times: Sequence[float] | Float[np.ndarray, " t"], *, size: int = 64
    ) -> ClipMasks:
        """Where hand and thing are in the frames at those times, to the pixel of `render`.

        A pixel belongs to them where they cover at least half of it while the shutter is open, and
        then to the one that covers more. The lens's blur moves no edge, and what is hidden behind
        something is no part of it. The hand is with its arm and sleeve. The thing is whatever the
        class's name calls `something`, so a crate that a ball is put into as well; distractors and
        shadows are neither. A turning camera has neither, and an approaching one a thing alone.

        Args:
            times: in [0, 1] of the clip, in any order.
            size: of the square frames in pixels.
        """
        covered = np.empty((len(times), size, size, 3), np.float32)
        for frame, time in zip(covered, times, strict=True):
            moment = self.pace.scene_time(float(time), reverse=self.reverse)
            parts = [self._paint_parts(m, size) for m in self._exposed(moment, size)]
            mean = np.asarray(np.stack(parts).mean(axis=0, dtype=np.float32))
            frame[:] = framed(mean, size, shake=self.camera.shake(moment)) / FULL
        hand, thing = covered[..., HAND], covered[..., THING]
        either = hand + thing >= 0.5
        return ClipMasks(hand=either & (hand >= thing), thing=either & (hand < thing))

    def _paint_parts(self, moment: float, size: int) -> UInt8[np.ndarray, "s s 3"]:
        progress = self.pace.progress(moment)
        canvas = self._blank(size, self.action.view(self.camera, progress))
        canvas.pixels[:] = 0
        stage = self.action.stage(progress)
        paint_parts(canvas, stage, things=self.action.acted_on(stage))
        return canvas.pixels

    def _open_shutter(
        self, moment: float, size: int, still: Canvas | None
    ) -> UInt8[np.ndarray, "s s 3"]:
        """The mean of as many paintings as the motion while the shutter is open is pixels long."""
        moments = self._exposed(moment, size)
        if len(moments) == 1:
            return self._paint(moment, size, still)
        paintings = np.stack([self._paint(m, size, still) for m in moments])
        mean: UInt8[np.ndarray, "s s 3"] = paintings.mean(axis=0).astype(np.uint8)
        return mean

    def _exposed(self, moment: float, size: int) -> list[float]:
        """The moments that are painted for one frame."""
        half = self.lens.shutter / 2
        first, last = max(0.0, moment - half), min(1.0, moment + half)
        way = abs(self.pace.progress(last) - self.pace.progress(first)) * _PATH * size
        number = min(6, max(1, ceil(way)))
        if number == 1:
            return [moment]
        return [first + (last - first) * (i + 0.5) / number for i in range(number)]

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
        canvas = self._blank(size, camera)
        self.backdrop.paint_still(canvas)
        return canvas

    def _blank(self, size: int, camera: Camera) -> Canvas:
        return Canvas.blank(
            size=size,
            supersample=SUPERSAMPLE,
            margin=margin(size),
            camera=camera,
            light=self.backdrop.light,
        )


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
