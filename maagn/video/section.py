"""A section of a film: from when to when networks look."""

import math
from dataclasses import dataclass

from maagn.errors import SectionError


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

    def __str__(self) -> str:
        return f"{self.start:.2f} to {self.end:.2f} s"
