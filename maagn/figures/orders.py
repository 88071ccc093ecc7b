"""A clip in other orders: both directions, neighbours exchanged, shuffles, and what turns it."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd
import plotly.graph_objects as go
from jaxtyping import Float64, UInt8
from plotly.subplots import make_subplots

from maagn.figures.filmstrip import QUIET, Band
from maagn.figures.layout import in_lines, letters, plain

_GREY = "#8A8A8A"
_GROUND = "1F"  # of 255: the opacity of an interval's area
_ACROSS = 90  # letters of a line over a chart
_LOW_ROW = 34  # pixels a network
_MARK = 13
_HEIGHT = 360


@dataclass(frozen=True)
class BothWays:
    """One network's probabilities of two classes, in [0, 1], forwards and backwards.

    Attributes:
        name: what people read of it, with its divergence.
        colour: as `#RRGGBB`.
        first: of the first class, forwards and backwards.
        second: of the second.
    """

    name: str
    colour: str
    first: tuple[float, float]
    second: tuple[float, float]


def both_ways(networks: Sequence[BothWays], *, label: str, other: str) -> go.Figure:
    """A row per network beneath each class: a disc forwards, joined to a ring backwards.

    Args:
        networks: top to bottom.
        label: the first class.
        other: the second.
    """
    fig = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.16)
    for network in networks:
        for row, ends in enumerate((network.first, network.second), start=1):
            fig.add_scatter(
                x=ends,
                y=[network.name] * 2,
                mode="lines+markers",
                line={"color": network.colour, "width": 3},
                marker={
                    "size": _MARK,
                    "color": [network.colour, "rgba(0,0,0,0)"],
                    "line": {"color": network.colour, "width": 3},
                },
                customdata=["forwards", "backwards"],
                hovertemplate="%{customdata}: %{x:.1%}<extra></extra>",
                row=row,
                col=1,
            )
    for title, axis in ((label, "y domain"), (other, "y2 domain")):
        fig.add_annotation(
            text=f"<b>{in_lines(title, across=_ACROSS)}</b>",
            x=0, xref="paper", y=1, yref=axis, yanchor="bottom",
            xanchor="left", showarrow=False, yshift=4,
        )  # fmt: skip
    fig.update_xaxes(range=[-0.04, 1.04], tickformat=".0%", tickvals=[0, 0.5, 1], zeroline=False)
    fig.update_xaxes(title="probability: ● forwards, ○ backwards", row=2)
    fig.update_yaxes(autorange="reversed", type="category")
    return plain(fig, height=150 + 2 * _LOW_ROW * len(networks))


@dataclass(frozen=True, eq=False)
class Line:
    """One network's line.

    Attributes:
        name: written at its end.
        colour: as `#RRGGBB`.
        rows: what is drawn, a row a point.
    """

    name: str
    colour: str
    rows: pd.DataFrame


def swap_lines(lines: Sequence[Line]) -> go.Figure:
    """What exchanging two neighbours costs, over the frames; networks may see different numbers.

    Args:
        lines: with the columns `seconds`, between the two frames; `frames`, e.g. `2 and 3`; and
            `nats`, by which the lead of the answer falls.
    """
    fig = go.Figure()
    for line in lines:
        rows = line.rows
        fig.add_scatter(
            x=rows["seconds"],
            y=rows["nats"],
            mode="lines+markers",
            name=line.name,
            line={"color": line.colour, "width": 2},
            marker={"size": 8},
            customdata=rows[["frames"]],
            hovertemplate=(
                f"<b>{letters(line.name)}</b>, frames %{{customdata[0]}}: "
                "%{y:+.2f} nats<extra></extra>"
            ),
        )
    fig.add_hline(y=0, line={"color": _GREY, "width": 1, "dash": "dot"})
    fig.update_xaxes(title="time between the two frames, s", zeroline=False)
    fig.update_yaxes(title="cost, nats", zeroline=False)
    return _with_legend(plain(fig, height=_HEIGHT))


def shuffle_curves(lines: Sequence[Line]) -> go.Figure:
    """Share of shuffles that keep the answer, over intervals; a ring where it falls under one half.

    Args:
        lines: with the columns `strength`, in [0, 1]; `kept`, `low` and `high`, in [0, 1];
            `trials`; and `breaks`, true of at most one row.
    """
    fig = go.Figure()
    fig.add_hline(y=0.5, line={"color": _GREY, "width": 1, "dash": "dot"})
    for line in lines:
        rows = line.rows
        fig.add_scatter(
            x=[*rows["strength"], *rows["strength"][::-1]],
            y=[*rows["high"], *rows["low"][::-1]],
            fill="toself",
            fillcolor=line.colour + _GROUND,
            mode="none",
            hoverinfo="skip",
            showlegend=False,
        )
    for line in lines:
        rows = line.rows
        fig.add_scatter(
            x=rows["strength"],
            y=rows["kept"],
            mode="lines+markers",
            name=line.name,
            line={"color": line.colour, "width": 2},
            marker={
                "size": [15 if broken else 7 for broken in rows["breaks"]],
                "color": ["rgba(0,0,0,0)" if b else line.colour for b in rows["breaks"]],
                "line": {"color": line.colour, "width": 3},
                "opacity": 1,
            },
            customdata=rows[["trials", "low", "high"]],
            hovertemplate=(
                f"<b>{letters(line.name)}</b>: %{{y:.0%}} keep it "
                "[%{customdata[1]:.0%}, %{customdata[2]:.0%}]<br>"
                "%{x:.0%} of the pairs of frames in the wrong order, n = %{customdata[0]}"
                "<extra></extra>"
            ),
        )
    fig.update_xaxes(
        title="pairs of frames in the wrong order",
        range=[-0.03, 1.03], tickformat=".0%", zeroline=False,
    )  # fmt: skip
    fig.update_yaxes(
        title="shuffles that keep it", range=[-0.05, 1.05], tickformat=".0%", zeroline=False
    )
    return _with_legend(plain(fig, height=_HEIGHT))


def _with_legend(fig: go.Figure) -> go.Figure:
    return fig.update_layout(
        showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"}
    )


_CELL = 160
_GAP = 6
_FRAME = 7  # of an outline
_WORDS = 26
_COLUMNS = 8


def reordered_strip(
    pictures: UInt8[np.ndarray, "t h w 3"],
    order: Sequence[int],
    *,
    seconds: Float64[np.ndarray, " t"],
    colour: str,
) -> UInt8[np.ndarray, "big_h big_w 3"]:
    """The frames in another order, those outlined that stand elsewhere than they were filmed.

    Args:
        pictures: as they were filmed.
        order: which frame stands in each place.
        seconds: of the frames as they were filmed.
        colour: of the outlines, as `#RRGGBB`.
    """
    height = round(_CELL * pictures.shape[1] / pictures.shape[2])
    across = min(_COLUMNS, len(order))
    bands = []
    for start in range(0, len(order), across):
        band = Band(across * (_CELL + _GAP) - _GAP, height + _WORDS)
        for column, place in enumerate(range(start, min(start + across, len(order)))):
            frame, x = order[place], column * (_CELL + _GAP)
            large = cv2.resize(pictures[frame], (_CELL, height), interpolation=cv2.INTER_CUBIC)
            band.paste(large, at=(x, 0))
            if frame != place:
                box = (x, 0, x + _CELL - 1, height - 1)
                band.pen.rectangle(box, outline=colour, width=_FRAME)
            moved = "" if frame == place else f", in place {place}"
            words = f"{frame}: {seconds[frame]:.2f} s{moved}"
            ink = QUIET if frame == place else colour
            band.write(words, at=(x, height + 18), size=13, colour=ink, room=_CELL)
        bands.append(band.pixels)
    return np.concatenate(bands)
