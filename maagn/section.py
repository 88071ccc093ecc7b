"""A section of a film: from when to when networks look."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from maagn.errors import SectionError

ROUNDING = 0.0005
"""Seconds that times of sections are rounded by: people and addresses give them in milliseconds."""


@dataclass(frozen=True, order=True)
class Section:
    """What lies between two moments of a film, the end left out.

    Attributes:
        start: seconds from the film's first frame, at least 0.
        end: seconds from the film's first frame, after `start`.

    Raises:
        SectionError: no such section: a time is not a number, below zero, or the end not after the
            start.
    """

    start: float
    end: float

    def __post_init__(self) -> None:
        """Refuse what is no section."""
        if not (math.isfinite(self.start) and math.isfinite(self.end)):
            raise SectionError("A section begins and ends at numbers of seconds.")
        if self.start < 0:
            raise SectionError(f"A section cannot begin at {self.start:g} s: a film does at 0.")
        if self.end <= self.start:
            raise SectionError(
                f"A section must end after it begins: {self.end:g} s is not after {self.start:g} s."
            )

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.start

    def frames(self, seconds: Sequence[float]) -> range:
        """Places of the frames that begin to be shown in it.

        Args:
            seconds: of all frames of the film, increasing.
        """
        first, stop = (bisect_left(seconds, time - ROUNDING) for time in (self.start, self.end))
        return range(first, stop)

    def __contains__(self, second: float) -> bool:
        """Whether a frame that is shown from then on belongs to it."""
        return self.start - ROUNDING <= second < self.end - ROUNDING

    @classmethod
    def of(cls, frames: range, seconds: Sequence[float], *, film_seconds: float) -> "Section":
        """What some frames that follow each other are: from the first of them to what comes next.

        Args:
            frames: their places; not empty.
            seconds: of all frames of the film, increasing.
            film_seconds: how long it is.
        """
        after = seconds[frames.stop] if frames.stop < len(seconds) else film_seconds
        return cls(float(seconds[frames.start]), float(after))

    def __str__(self) -> str:
        return f"{self.start:.2f} to {self.end:.2f} s"
