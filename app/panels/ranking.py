"""Probabilities as a list of bars that wraps long class names and can be read aloud."""

import html
from collections.abc import Sequence

import streamlit as st

from maagn.figures.layout import percent

_ROW = (
    '<li style="position:relative;display:flex;justify-content:space-between;gap:8px;margin:2px 0;'
    'padding:2px 6px;border-radius:3px;overflow:hidden">'
    '<span style="position:absolute;inset:0 auto 0 0;width:{width:.1f}%;background:{colour};'
    'opacity:.24"></span>'
    '<span style="position:relative">{label}</span>'
    '<span style="position:relative;white-space:nowrap;font-variant-numeric:tabular-nums">'
    "{percent}</span></li>"
)


def show(title: str, rows: Sequence[tuple[str, float]], *, colour: str, note: str = "") -> None:
    """A heading under its network's colour, and a bar a row.

    Args:
        title: the network, e.g. `MAAGN`.
        rows: text and probability in [0, 1].
        colour: as `#RRGGBB`.
        note: what follows the title.
    """
    items = "".join(
        _ROW.format(
            width=100 * probability,
            colour=colour,
            label=html.escape(label),
            percent=html.escape(percent(probability)),
        )
        for label, probability in rows
    )
    st.html(
        f'<section style="border-top:4px solid {colour};padding-top:4px;line-height:1.3">'
        f'<b style="font-size:1.15rem">{html.escape(title)}</b> '
        f"<span>{html.escape(note)}</span>"
        f'<ol style="list-style:none;margin:4px 0 0;padding:0;font-size:.85rem">{items}</ol>'
        "</section>"
    )
