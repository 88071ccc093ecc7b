"""Options that many commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from maagn.section import Section

Device = Annotated[
    str | None,
    typer.Option(
        metavar="DEVICE",
        help="Where networks compute: cpu, cuda, cuda:1, mps or auto. Default: MAAGN_DEVICE, else "
        "auto: the GPU where there is one.",
    ),
]

Start = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", help="Look at the clip from here on. Default: its beginning."),
]
End = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="Look at it up to here. Default: its end.")
]


def section_of(clip: Path, start: float | None, end: float | None) -> "Section | None":
    """What `--start` and `--end` ask for of a clip; None where neither is given.

    Raises:
        SectionError: there is no such section.
        ClipError: how long the clip is cannot be told.
    """
    if start is None and end is None:
        return None
    from maagn.section import Section
    from maagn.video.film import film_length

    return Section(start or 0.0, film_length(clip).seconds if end is None else end)
