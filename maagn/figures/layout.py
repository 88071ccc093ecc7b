"""The look that all charts share, and the sizes of printed ones."""

import html
from collections.abc import Iterable, Mapping
from textwrap import wrap
from typing import Final, Literal

import plotly.graph_objects as go

from maagn.shown import percent as percent  # charts' numbers in words are those of prompts

FONT_SIZE = 13

Kind = Literal["png", "svg", "pdf"]
Width = Literal["one column", "two columns"]

WIDTHS: Final[Mapping[Width, float]] = {"one column": 88.0, "two columns": 180.0}
"""Millimetres on paper; what most journals ask for (85 to 90, 170 to 180)."""

MIME: Final[Mapping[Kind, str]] = {
    "png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf",
}  # fmt: skip
"""Of files for print."""

_TOOLBAR: Final = {"bgcolor": "rgba(0,0,0,0)", "color": "#808080", "activecolor": "#3f88c5"}
"""On no ground of its own, in colours that are read on both themes; by itself Plotly takes the
transparent ground of a chart for black."""


def plain(fig: go.Figure, *, height: int = 360) -> go.Figure:
    """Transparent ground, so that both themes show through; room for names; no legend by itself.

    Args:
        fig: changed and returned.
        height: pixels.
    """
    return (
        fig.update_layout(
            height=height,
            paper_bgcolor="rgba(0,0,0,0)",
            plot_bgcolor="rgba(0,0,0,0)",
            margin={"l": 8, "r": 8, "t": 32, "b": 8},
            font={"size": FONT_SIZE},
            showlegend=False,
            hoverlabel={"align": "left"},
            modebar=_TOOLBAR,
        )
        .update_xaxes(automargin=True)
        .update_yaxes(automargin=True)
    )


def letters(name: str) -> str:
    """A name letter by letter for Plotly, which reads tags in texts."""
    return html.escape(name, quote=False)


_ACROSS = 44  # letters of a line of names beside an axis: half a page has room for them
_LINE = 15  # pixels of a further line


def in_lines(name: str, *, across: int = _ACROSS) -> str:
    """A whole name for Plotly, letter by letter, in lines of at most that many letters.

    Plotly itself never breaks a line, and cuts what does not fit.
    """
    return "<br>".join(map(letters, wrap(name, across)))


def row_pixels(names: Iterable[str], *, one_line: int) -> int:
    """Height of a row of an axis, so that none of these names meets the next.

    Args:
        names: in lines.
        one_line: pixels of a row with a name of one line.
    """
    return one_line + _LINE * max((name.count("<br>") for name in names), default=0)
