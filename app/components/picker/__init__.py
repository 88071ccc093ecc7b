"""The gallery's thumbnails, two opposites a row, as a component that tells which one is clicked."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import streamlit as st

from app import session
from app.gallery.catalogue import GalleryClip

__all__ = ["show_picker"]


_FOLDER = Path(__file__).parent
_mount = st.components.v2.component(
    "maagn_picker",
    html='<div class="picker" role="group" aria-label="Gallery of clips"></div>',
    css=(_FOLDER / "picker.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "picker.js").read_text(encoding="utf-8"),
)
_mount_mark = st.components.v2.component(
    "maagn_picker_mark", js=(_FOLDER / "mark.js").read_text(encoding="utf-8")
)


def show_picker(
    clips: Sequence[GalleryClip],
    *,
    chosen: str | None,
    key: str,
    on_pick: Callable[[str | None], None],
) -> None:
    """Draw the thumbnails.

    Which of them is marked travels by itself: the pictures, most of what a run sends, are the same
    from run to run, and Streamlit sends what is the same only once.

    Args:
        clips: in the order of the page; opposites follow each other.
        chosen: name of the clip on the page, which is marked.
        key: unique on the page.
        on_pick: called with a clip's name when it is clicked, before the script runs.
    """
    _mount(
        data=_encoded(tuple((clip.name, clip.label, clip.thumbnail) for clip in clips)),
        key=key,
        on_picked_change=lambda: on_pick(session.picked(key)),
    )
    with st.container(key=f"mark-of-{key}"):  # hidden by style.css
        _mount_mark(data={"chosen": chosen}, key=f"{key}-mark")


@lru_cache(maxsize=4)
def _encoded(clips: tuple[tuple[str, str, str], ...]) -> bytes:
    """Names, labels and pictures as JSON, which Streamlit would write anew in every run."""
    names = ("name", "label", "picture")
    return json.dumps([dict(zip(names, clip, strict=True)) for clip in clips]).encode()
