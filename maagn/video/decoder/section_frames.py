"""Which of a file's frames are asked for: all, or those of a section; and which of these are kept.

Numbers alone: nothing is decoded here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from maagn.section import Section
from maagn.video.decoder.frame_times import duration
from maagn.video.decoder.protocol import (
    Header,
    Request,
    refuse_section,
    refuse_too_few,
    refuse_too_long,
)
from maagn.video.sampling import union


@dataclass(frozen=True)
class SectionFrames:
    """The frames of a section, or of a whole file, as if there were no others.

    Attributes:
        first: place of the first of them in the file.
        seconds: of each, from the first of them.
        wanted: those that are kept, by their place among them, increasing.
        film_seconds: of the file, from the first frame to the end of the last.
        film_frames: how many it has.
        section: the part of the file that they are, by their own times; None where none was asked
            for.
    """

    first: int
    seconds: tuple[float, ...]
    wanted: tuple[int, ...]
    film_seconds: float
    film_frames: int
    section: Section | None

    @property
    def places(self) -> list[int]:
        """Those that are kept, by their place in the file."""
        return [self.first + place for place in self.wanted]

    def header(self, shape: tuple[int, ...], notices: Sequence[str] = ()) -> Header:
        """What goes before the kept frames.

        Args:
            shape: of each of them.
            notices: about the file.
        """
        return Header(
            shape=(len(self.wanted), *shape),
            indices=self.wanted,
            seconds=self.seconds,
            film_seconds=self.film_seconds,
            film_frames=self.film_frames,
            section=None if self.section is None else (self.section.start, self.section.end),
            notices=tuple(notices),
        )


def frames_asked_for(
    request: Request, seconds: Sequence[float], *, gap: float | None, picture: bool = False
) -> SectionFrames:
    """The frames of a request among those of its file.

    Args:
        request: for the file.
        seconds: of all its frames, increasing from 0.
        gap: seconds between frames as the file declares them.
        picture: whether it is of a kind that stills are of.

    Raises:
        UnreadableClip: it has no frames.
        SectionError: none lies in the section.
        TooFewFrames: fewer than a sampling needs.
        ClipTooLarge: over the limit on seconds, or on a section's frames.
    """
    if request.section is None or not seconds:
        refuse_too_few(request, len(seconds), picture=picture)
    refuse_too_long(request, seconds[-1])
    film_seconds = duration(seconds, gap=gap)
    inside, section = range(len(seconds)), None
    if request.section is not None:
        inside = request.section.frames(seconds)
        refuse_section(
            request.section,
            seconds[inside.start : inside.stop],
            name=request.name,
            samplings=request.samplings,
            limits=request.limits,
        )
        section = Section.of(inside, seconds, film_seconds=film_seconds)
    return SectionFrames(
        first=inside.start,
        seconds=tuple(seconds[place] - seconds[inside.start] for place in inside),
        wanted=tuple(union(len(inside), samplings=request.samplings)),
        film_seconds=film_seconds,
        film_frames=len(seconds),
        section=section,
    )
