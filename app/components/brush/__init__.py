"""Bars to drag, as a Streamlit component: takes one number per frame, returns the dragged ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from maagn.figures.palette import colour

__all__ = ["Bars", "show_brush"]


_FOLDER = Path(__file__).parent
_mount = st.components.v2.component(
    "maagn_brush",
    html='<div class="brush"></div>',
    css=(_FOLDER / "brush.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "brush.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Bars:
    """A row of bars, one a frame.

    Attributes:
        title: what the numbers are, e.g. `SDM mask`.
        colour: a key of `maagn.figures.palette`.
        own: as the network has them, a dashed line.
        values: that are in their place until they are dragged.
        seconds: when each frame is shown.
        high: top of the axis; the bottom is 0.
    """

    title: str
    colour: str
    own: tuple[float, ...]
    values: tuple[float, ...]
    seconds: tuple[float, ...]
    high: float


def show_brush(rows: Sequence[Bars], *, key: str) -> dict[str, list[float | None]]:
    """Draw the bars and give what was dragged: a number or None a frame, by the row's title.

    Args:
        rows: side by side.
        key: unique on the page; another key begins with nothing dragged.
    """
    data = {
        "rows": [
            {
                "title": row.title,
                "colour": colour(row.colour),
                "own": row.own,
                "values": row.values,
                "seconds": row.seconds,
                "high": row.high,
            }
            for row in rows
        ]
    }
    result = _mount(data=data, key=key, default={"edits": {}}, on_edits_change=lambda: None)
    edits = result.edits or {}
    return {row.title: list(edits.get(row.title, [])) for row in rows}
