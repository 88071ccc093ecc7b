"""A film of twelve clips of the gallery, one after another: at every second its class is known."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float64, UInt8

from app.gallery.catalogue import FOLDER, clip_named
from app.selection import ClipChoice
from app.server import uploads
from maagn.section import Section
from maagn.video.encode import write_mp4
from maagn.video.read import read_clip

LINK = "twelve-clips.mp4"
"""What stands for the film in an address; also its name."""

CLIPS = (
    "00-pushing-something-from-left-to-right-0.mp4",
    "01-pulling-something-from-right-to-left-1.mp4",
    "04-moving-something-up-0.mp4",
    "05-moving-something-down-3.mp4",
    "06-opening-something-2.mp4",
    "07-closing-something-3.mp4",
    "08-covering-something-with-something-0.mp4",
    "09-uncovering-something-1.mp4",
    "10-putting-something-into-something-0.mp4",
    "11-taking-something-out-of-something-3.mp4",
    "20-folding-something-0.mp4",
    "21-unfolding-something-1.mp4",
)
"""Six actions, each followed by its opposite."""

KEYFRAME_EVERY = 12  # frames: a second, so that any moment is decoded soon
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Shown:
    """What a part of the film shows.

    Attributes:
        section: from when to when.
        label: the true class.
    """

    section: Section
    label: str


def film() -> ClipChoice:
    """The film as a choice that pages can open; written when it is first asked for."""
    path = uploads.ALL.folder / "film" / LINK
    with _LOCK:
        if not path.is_file():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_mp4(path, _frames(), seconds=_seconds(), keyframe_every=KEYFRAME_EVERY)
    return ClipChoice.of(path, name=LINK, link=LINK)


def linked(text: str) -> ClipChoice | None:
    """The film, if a link names it."""
    return film() if text == LINK else None


def truth_of(choice: ClipChoice) -> tuple[Shown, ...]:
    """What the film shows from when to when; nothing is known of other clips."""
    return _shown() if choice.link == LINK else ()


@cache
def _shown() -> tuple[Shown, ...]:
    times = _times()
    ends = np.cumsum([_lasts(seconds) for seconds in times])
    starts = [0.0, *ends[:-1]]
    labels = [clip.label for name in CLIPS if (clip := clip_named(name)) is not None]
    return tuple(
        Shown(Section(float(start), float(end)), label)
        for start, end, label in zip(starts, ends, labels, strict=True)
    )


@cache
def _times() -> tuple[Float64[np.ndarray, " _"], ...]:
    return tuple(read_clip(FOLDER / name).source_seconds for name in CLIPS)


def _seconds() -> Float64[np.ndarray, " t"]:
    """Of all frames of the film."""
    return np.concatenate(
        [shown.section.start + seconds for shown, seconds in zip(_shown(), _times(), strict=True)]
    )


def _frames() -> Iterator[UInt8[np.ndarray, "h w 3"]]:
    """One clip in memory at a time."""
    for name in CLIPS:
        yield from read_clip(FOLDER / name).frames


def _lasts(seconds: Float64[np.ndarray, " t"]) -> float:
    """How long a clip lasts: its last frame as long as the others."""
    return float(seconds[-1] + np.median(np.diff(seconds)))
