"""Windows slid over the frames of a film as they come; at most a window of frames is kept."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from maagn.errors import SectionError

Frame = TypeVar("Frame")

WINDOW = 2.0
"""Seconds that a window lasts unless asked otherwise. Clips of one action last about 3 s; in a film
of them, shorter windows lie in one clip alone (measured in docs/timeline.md)."""

STEPS = 4
"""Steps in a window unless asked otherwise."""


@dataclass(frozen=True)
class Spacing:
    """How long windows are, and how far apart, in whole frames of a film of even rate.

    Where the frames come evenly, every window then has as many, and those of a step of whole parts
    of the sampling lie on the same frames as the window's before it.

    Attributes:
        length: frames of a window.
        step: frames from the start of a window to the next one's.
        gap: seconds from frame to frame.
    """

    length: int
    step: int
    gap: float

    @classmethod
    def of(cls, window: float, step: float, *, gap: float) -> "Spacing":
        """The spacing nearest to what is asked for: a window of several steps keeps their number.

        Args:
            window: seconds that a window lasts.
            step: seconds from one's start to the next one's.
            gap: seconds from frame to frame.
        """
        frames, steps = max(1, round(step / gap)), window / step
        whole = abs(steps - round(steps)) < 1e-6
        return cls(round(steps) * frames if whole else max(1, round(window / gap)), frames, gap)

    def bounds(self, number: int) -> tuple[float, float]:
        """Seconds where a window begins and ends.

        In the middle between two frames and to the millisecond, so that rounded times of frames, or
        of an address that has these bounds, put no frame on the other side.
        """
        first = number * self.step - 0.5
        return (
            max(0.0, round(first * self.gap, 3)),
            round((first + self.length) * self.gap, 3),
        )


@dataclass(frozen=True, eq=False)
class Window(Generic[Frame]):
    """A section of a film with its frames.

    Attributes:
        start: seconds from the film's first frame.
        end: the same; left out.
        first: place of the first of its frames in the film, from 0.
        frames: those whose times lie in the section.
    """

    start: float
    end: float
    first: int
    frames: tuple[Frame, ...]


def check_lengths(window: float | None, step: float | None) -> tuple[float, float]:
    """The seconds of a window and of a step that are meant.

    Args:
        window: seconds; None for `WINDOW`.
        step: seconds; None for a quarter of the window.

    Raises:
        SectionError: one of them is not over 0, or films would be seen in parts alone.
    """
    length = WINDOW if window is None else window
    if not 0 < length < float("inf"):
        raise SectionError(f"A window must last more than 0 s, and not {length:g} s.")
    apart = length / STEPS if step is None else step
    if not 0 < apart <= length:
        raise SectionError(
            f"A step of {apart:g} s is not over 0 and at most the window's {length:g} s: what lies "
            "between two windows would not be seen."
        )
    return length, apart


def slide(frames: Iterable[tuple[float, Frame]], spacing: Spacing) -> Iterator[Window[Frame]]:
    """Slide a window over a film: from its first frame on, and once more at its end.

    The last window ends with the film and lasts as long as the others, so its step is shorter; a
    film that is shorter than a window is one window.

    Args:
        frames: each with its seconds from the first one's; increasing.
        spacing: how long windows are, and how far apart.

    Yields:
        The windows, each as soon as its last frame has come.
    """
    kept: deque[tuple[float, Frame]] = deque()
    passed = number = 0  # frames that were let go, and windows that were given
    seconds, gap, whole = 0.0, spacing.gap, spacing.length * spacing.gap
    for seconds, frame in frames:
        kept.append((seconds, frame))
        while seconds >= spacing.bounds(number)[1]:
            yield _cut(kept, *spacing.bounds(number), passed=passed)
            number += 1
            needed = min(spacing.bounds(number)[0], seconds - whole)
            while kept[0][0] < needed:
                kept.popleft()
                passed += 1
    if not kept:
        return
    start, end = spacing.bounds(number)
    if end > seconds + gap and number:
        start = max(0.0, round(seconds - whole + gap / 2, 3))
    yield _cut(kept, start, round(seconds + gap, 3), passed=passed)


def _cut(
    kept: "deque[tuple[float, Frame]]", start: float, end: float, *, passed: int
) -> Window[Frame]:
    inside = [place for place, (seconds, _) in enumerate(kept) if start <= seconds < end]
    first = inside[0] if inside else 0
    return Window(start, end, passed + first, tuple(kept[place][1] for place in inside))
