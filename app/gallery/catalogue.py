"""What the gallery holds."""

import base64
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from app.selection import ClipChoice
from maagn.checkpoint import folder_of

FOLDER = Path(__file__).parent
FIRST = "00-pushing-something-from-left-to-right-0.mp4"
"""The clip of the first screen: TSN, which knows no order, takes it for its opposite."""

FILMED = "walking"
"""The collection of filmed clips that comes with the explorer, in `checkpoints/`."""

SOURCE = "Intel, CC BY 4.0, cut and made smaller"
"""Whose they are, under which licence, and what was done to them: it stands beside them."""

ANSWERED = FOLDER / "first.npz"
"""What the networks say about it, so that the first screen waits for none of them."""


@dataclass(frozen=True)
class GalleryClip:
    """A clip of the gallery.

    Attributes:
        name: what stands for it in an address.
        path: its file.
        label: the true class.
        thumbnail: first and last frame side by side, as a data URI.
        opposite: what it shows backwards.
        factors: what varies between the clips, e.g. `hands`, by name.
        right: networks that classify it correctly, e.g. `MAAGN`.
    """

    name: str
    path: Path
    label: str
    thumbnail: str
    opposite: str
    factors: dict[str, Any]
    right: tuple[str, ...]

    def choice(self) -> ClipChoice:
        """The clip as a choice that pages can open."""
        return ClipChoice.of(self.path, name=self.path.name, label=self.label, link=self.name)


@cache
def gallery() -> tuple[GalleryClip, ...]:
    """All drawn clips; the clips of opposite classes stand next to each other."""
    rows = json.loads((FOLDER / "gallery.json").read_text(encoding="utf-8"))
    right = json.loads((FOLDER / "right.json").read_text(encoding="utf-8"))
    return tuple(
        GalleryClip(
            row["file"],
            FOLDER / row["file"],
            row["label"],
            _picture(FOLDER / row["thumbnail"]),
            row["opposite"],
            row["factors"],
            tuple(right.get(row["file"], ())),
        )
        for row in rows
    )


@cache
def filmed() -> tuple[GalleryClip, ...]:
    """Clips of people, which came with networks that were taught from them; in pairs of opposites.

    There are none where `checkpoints/` is another folder, without them or with another collection
    of that name.
    """
    folder = folder_of(FILMED) / "clips"
    classes = sorted(path for path in folder.glob("*") if path.is_dir())
    ours = {path.stem for path in (FOLDER / FILMED).glob("*.jpg")}
    if len(classes) != 2 or {path.stem for path in folder.glob("*/*.mp4")} != ours:
        return ()
    one, other = (path.name for path in classes)
    rows = zip(*(sorted(path.glob("*.mp4")) for path in classes), strict=True)
    return tuple(
        GalleryClip(
            f"{FILMED}/{path.parent.name}/{path.name}",
            path,
            path.parent.name,
            _picture(FOLDER / FILMED / f"{path.stem}.jpg"),
            other if path.parent.name == one else one,
            {},
            (),
        )
        for pair in rows
        for path in pair
    )


def clip_named(name: str | None) -> GalleryClip | None:
    """The clip of that name, if there is one; names come from links, so any text may come."""
    return next((clip for clip in (*gallery(), *filmed()) if clip.name == name), None)


def _picture(path: Path) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
