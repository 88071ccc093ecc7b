"""Frames as pictures: one large to draw on, what SDM subtracts, and a clip against its reversal."""

from collections.abc import Mapping

import cv2
import numpy as np
import plotly.graph_objects as go
from jaxtyping import UInt8

from maagn.explain.reversal import Reversal
from maagn.figures.layout import plain
from maagn.figures.palette import DIVERGING, colour

_HEIGHT = 320
_POINTS = 24  # a side: what Plotly's selection catches; a region of any use covers some


def frame_to_draw_on(picture: UInt8[np.ndarray, "h w 3"]) -> go.Figure:
    """The picture under a grid of points that nobody sees; axes run from 0 to 1."""
    at = (np.arange(_POINTS) + 0.5) / _POINTS
    x, y = np.meshgrid(at, at)
    rows, columns = picture.shape[:2]
    fig = go.Figure()
    fig.add_trace(go.Image(z=picture, dx=1 / columns, dy=1 / rows, hoverinfo="skip"))
    fig.add_trace(
        go.Scatter(
            x=x.ravel(), y=y.ravel(), mode="markers", marker={"opacity": 0}, hoverinfo="skip"
        )
    )
    axis = {"visible": False, "fixedrange": True}
    fig.update_xaxes(range=[0, 1], constrain="domain", **axis)
    fig.update_yaxes(range=[1, 0], scaleanchor="x", scaleratio=rows / columns, **axis)
    return plain(fig, height=_HEIGHT).update_layout(dragmode="select")


_SIDE = 320


def difference(
    front: UInt8[np.ndarray, "h w 3"], back: UInt8[np.ndarray, "h w 3"]
) -> UInt8[np.ndarray, "h w 3"]:
    """Lightness of the later frame minus that of the earlier: orange is lighter, blue darker."""
    grey = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32) for one in (front, back)]
    share = (grey[1] - grey[0] + 255) / 510
    places = [place for place, _ in DIVERGING]
    colours = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for _, c in DIVERGING])
    stretched = np.clip(0.5 + 2 * (share - 0.5), 0, 1)  # half the range holds nearly all changes
    channels = [np.interp(stretched, places, colours[:, i]) for i in range(3)]
    return np.rint(np.stack(channels, axis=-1)).astype(np.uint8)


def marked(
    picture: UInt8[np.ndarray, "h w 3"], *, row: int, column: int, rows: int, columns: int
) -> UInt8[np.ndarray, "big_h big_w 3"]:
    """The picture, larger, with one cell of a rows x columns map outlined."""
    large = cv2.resize(picture, (_SIDE, _SIDE), interpolation=cv2.INTER_CUBIC)
    corners = [
        (round(x * _SIDE / columns), round(y * _SIDE / rows))
        for x, y in ((column, row), (column + 1, row + 1))
    ]
    for shade, width in (((255, 255, 255), 6), ((0, 0, 0), 2)):
        large = cv2.rectangle(large, corners[0], corners[1], shade, width)
    return large


_ROW = 46
_MARK = 13


def reversal_arrows(reversals: Mapping[str, Reversal], *, label: str, opposite: str) -> go.Figure:
    """One row per network: log p(label) / p(opposite), filled forwards, open backwards.

    Args:
        reversals: by network's name, which decides the colour.
        label: the true class.
        opposite: what the clip shows backwards.
    """
    fig = go.Figure()
    for name, found in reversals.items():
        before, after = found.margins(label, opposite)
        line = {"color": colour(name), "width": 3}
        fig.add_scatter(
            x=[before, after],
            y=[name, name],
            mode="lines+markers",
            line=line,
            marker={
                "size": _MARK,
                "color": [colour(name), "rgba(0,0,0,0)"],
                "line": {"color": colour(name), "width": 3},
            },
            customdata=["forwards", "backwards"],
            hovertemplate=f"{name}, %{{customdata}}: %{{x:+.2f}}<extra></extra>",
        )
    fig.add_vline(x=0, line={"color": "#8A8A8A", "width": 1, "dash": "dot"})
    fig.update_yaxes(autorange="reversed", title=None)
    fig.update_xaxes(
        title=f"log ratio: over 0 for {label}, under 0 for {opposite}; ● forwards, ○ backwards"
    )
    return plain(fig, height=110 + _ROW * len(reversals))
