"""Small buttons beneath what is drawn, its picture and its numbers as files; all in the browser."""

import base64
from pathlib import Path

import streamlit as st

__all__ = ["show_saver"]


_FOLDER = Path(__file__).parent
_mount = st.components.v2.component(
    "maagn_saver",
    html='<div class="saver" role="group" aria-label="Downloads"></div>',
    css=(_FOLDER / "saver.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "saver.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def show_saver(name: str, *, picture: bool, csv: str | None, npz: bytes | None) -> None:
    """Buttons for what there is.

    Args:
        name: of the files, without ending; unique on the page.
        picture: whether a Plotly figure stands in the same container.
        csv: its rows.
        npz: its arrays, as NumPy's file.
    """
    data = {
        "name": name,
        "picture": picture,
        "csv": csv,
        "npz": None if npz is None else base64.b64encode(npz).decode("ascii"),
    }
    _mount(data=data, key=f"saver-{name}")
