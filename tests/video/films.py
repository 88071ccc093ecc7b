"""Films with known cuts, pasted of rendered clips and of real ones: `python -m tests.video.films`.

Prints what `maagn.video.cuts` finds in each kind of film, and in how many it is right.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from maagn.opposites.clip import draw_clip
from maagn.video.cuts import CutFinder
from maagn.video.film import film_frames

Frames = UInt8[np.ndarray, "t h w 3"]
REAL = Path(__file__).parents[3] / "shared/clips/real"
REAL_CUTS = {"bikes": (30, 76, 137, 187, 242)}
"""Of those clips, as they are seen; the others have none."""

HEIGHT = 72
RATE = 25.0
LABELS = (
    "Pushing something from left to right",
    "Opening something",
    "Moving something up",
    "Covering something with something",
    "Moving something closer to something",
    "Turning the camera left while filming something",
)


@dataclass(frozen=True)
class Film:
    """Frames at 25 a second, and the places of those that come after a cut."""

    kind: str
    frames: Frames
    cuts: tuple[int, ...] = ()


def scene(number: int, *, frames: int = 40, still: bool = False) -> Frames:
    """A rendered clip; of the same number the same."""
    clip = draw_clip(LABELS[number % len(LABELS)], split="val", index=number)
    times = np.full(frames, 0.5) if still else (np.arange(frames) + 0.5) / frames
    return clip.render(times, size=HEIGHT)


def pasted(*scenes: Frames, kind: str) -> Film:
    """Scenes one after the other."""
    cuts = np.cumsum([len(frames) for frames in scenes])[:-1]
    return Film(kind, np.concatenate(scenes), tuple(cuts.tolist()))


def dissolved(one: Frames, other: Frames, *, over: int) -> Frames:
    """One scene changing into another within so many frames."""
    share = (np.arange(1, over + 1) / (over + 1))[:, None, None, None]
    mixed = one[-over:] * (1 - share) + other[:over] * share
    return np.concatenate([one[:-over], mixed.astype(np.uint8), other[over:]])


def faded(frames: Frames, *, over: int = 20) -> Frames:
    """From black, and to black."""
    share = np.ones(len(frames))
    share[:over] = np.arange(over) / over
    share[-over:] = share[:over][::-1]
    return (frames * share[:, None, None, None]).astype(np.uint8)


def flashed(frames: Frames, *, at: int, lasting: int) -> Frames:
    """White for so many frames, as of a camera's flash."""
    lit = frames.copy()
    lit[at : at + lasting] = 255 - (255 - lit[at : at + lasting]) // 5
    return lit


def panned(number: int, *, pixels: int, frames: int = 40) -> Frames:
    """A camera that is swept over four scenes side by side, so many pixels a frame."""
    wide = np.concatenate([scene(number + n, frames=1)[0] for n in range(4)], axis=1)
    wide = cv2.GaussianBlur(wide, (1 + 2 * pixels, 1), 0)  # of motion
    places = np.abs((np.arange(frames) * pixels) % (6 * HEIGHT) - 3 * HEIGHT)
    return np.stack([wide[:, place : place + HEIGHT] for place in places])


def crossed(number: int, *, lasting: int) -> Frames:
    """Something large that crosses the picture within so many frames, twice."""
    frames = scene(number).copy()
    for start in (8, 24):
        for frame in range(lasting):
            left = round((frame + 1) / (lasting + 1) * 2 * HEIGHT) - HEIGHT
            frames[start + frame, :, max(0, left) : max(0, left + HEIGHT)] = (180, 40, 60)
    return frames


def shaken(number: int, *, pixels: int) -> Frames:
    """A camera that shakes."""
    random = np.random.default_rng(number)
    return np.stack(
        [np.roll(frame, random.integers(-pixels, pixels + 1, 2), (0, 1)) for frame in scene(number)]
    )


FIRSTS = range(0, 24, 4)
"""Numbers of the scenes that films of rendered ones begin with."""


def rendered(firsts: Iterable[int] = FIRSTS) -> Iterator[Film]:
    """Films of rendered scenes: a dozen for each first one."""
    for first in firsts:
        a, b, c, d = (scene(first + number) for number in range(4))
        yield pasted(a, b, c, d, kind="cuts")
        yield pasted(a[:10], b[:8], c[:6], d, kind="quick cuts")
        yield pasted(*(scene(first + n, still=True) for n in range(4)), kind="cuts of stills")
        yield Film("one scene", a)
        yield Film("dissolve", dissolved(a, b, over=12))
        yield Film("fade", faded(a))
        yield Film("flash", flashed(b, at=15, lasting=1 + first % 3))
        yield Film("sweep of the camera", panned(first, pixels=6 + first % 12))
        yield Film("something large crosses", crossed(first, lasting=4 + first % 5))
        yield Film("shaking", shaken(first, pixels=3))
        yield pasted(shaken(first, pixels=2), shaken(first + 1, pixels=2), kind="cuts in shaking")
        yield pasted(panned(first, pixels=8), panned(first + 4, pixels=8), kind="a cut in a sweep")


def real() -> Iterator[Film]:
    """Films of real clips, where they are; all at 25 frames a second."""
    clips = {path.stem: _read(path) for path in sorted(REAL.glob("*.m*"))}
    shots = []
    for name, frames in clips.items():
        cuts = REAL_CUTS.get(name, ())
        yield Film(f"real, as it is: {name}", frames, cuts)
        for start, stop in pairwise([0, *cuts, len(frames)]):
            places = range(start, stop - 20, 100)
            shots += [frames[at : min(at + 60, stop)] for at in places]
    for first in range(len(shots)):
        several = [shots[(first + 5 * number) % len(shots)] for number in range(4)]
        yield pasted(*several, kind="real, cuts")
        yield Film("real, dissolve", dissolved(several[0], several[1], over=12))
        yield Film("real, fade", faded(several[0], over=9))
        yield Film("real, flash", flashed(several[0], at=9, lasting=1 + first % 3))


def _read(path: Path) -> Frames:
    frames = [frame for _, frame in film_frames(path, height=HEIGHT)]
    return np.stack([cv2.resize(frame, (128, HEIGHT)) for frame in frames])


def found(film: Film) -> tuple[int, ...]:
    """Places of the cuts that are found."""
    finder = CutFinder()
    for place, frame in enumerate(film.frames):
        finder.see(place / RATE, frame)
    return tuple(round(second * RATE) for second in finder.end())


def main(find: Callable[[Film], tuple[int, ...]] = found) -> None:
    """One line a kind of film."""
    counts: dict[str, list[int]] = {}
    for film in [*rendered(), *real()]:
        cuts = set(find(film))
        row = counts.setdefault(film.kind, [0, 0, 0, 0])
        right = len(cuts & set(film.cuts))
        for index, number in enumerate((1, right, len(cuts) - right, len(film.cuts) - right)):
            row[index] += number
    print("| films | number | cuts found | invented | missed |")
    print("|---|---:|---:|---:|---:|")
    for kind, row in counts.items():
        print(f"| {kind} | {row[0]} | {row[1]} | {row[2]} | {row[3]} |")
    _, right, invented, missed = np.sum(list(counts.values()), axis=0)
    print(
        f"precision {right / (right + invented):.3f}, recall {right / (right + missed):.3f}",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
