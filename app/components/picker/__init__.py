"""The gallery's thumbnails, two opposites a row, as a component: the clicked one comes out."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app.gallery.catalogue import GalleryClip

__all__ = ["show_picker"]


_FOLDER = Path(__file__).parent
_mount = st.components.v2.component(
    "maagn_picker",
    html='<div class="picker" role="group" aria-label="Gallery of clips"></div>',
    css=(_FOLDER / "picker.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "picker.js").read_text(encoding="utf-8"),
)


def show_picker(clips: Sequence[GalleryClip], *, chosen: str | None, key: str) -> str | None:
    """Draw the thumbnails and give the name of the clip that was just clicked, if one was.

    Args:
        clips: in the order of the page; opposites follow each other.
        chosen: name of the clip on the page, which is marked.
        key: unique on the page.
    """
    data = {
        "chosen": chosen,
        "clips": [
            {"name": clip.name, "label": clip.label, "picture": clip.thumbnail} for clip in clips
        ],
    }
    result = _mount(data=data, key=key, on_picked_change=lambda: None)
    picked = result.picked
    return str(picked) if picked is not None else None
