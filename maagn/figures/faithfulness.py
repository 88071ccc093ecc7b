"""Deletion and insertion curves, and Figure 7 of the paper for any clip."""

from collections.abc import Sequence

import cv2
import numpy as np
import plotly.graph_objects as go
from jaxtyping import UInt8
from plotly.subplots import make_subplots

from maagn.explain.faithfulness import Faithfulness
from maagn.explain.report import Report
from maagn.figures.filmstrip import QUIET, Band
from maagn.figures.heat import enlarge, overlay, top_of_scale
from maagn.figures.layout import percent, plain
from maagn.figures.palette import colour

_BAND = "rgba(127,127,127,0.3)"


def curves(faithfulness: Faithfulness, *, network: str, height: int = 300) -> go.Figure:
    """The class's probability against the share deleted, and inserted.

    Args:
        faithfulness: the test of one map.
        network: whose colour the map's line wears, e.g. `MAAGN`.
        height: pixels.
    """
    fig = make_subplots(1, 2, subplot_titles=("Deletion", "Insertion"), shared_yaxes=True)
    share = 100 * faithfulness.curves.shares
    for column, rows in enumerate(
        (faithfulness.curves.deletion, faithfulness.curves.insertion), start=1
    ):
        rows = 100 * rows
        low, high = rows[2:].min(axis=0), rows[2:].max(axis=0)
        first = column == 1
        for values, fill in ((low, None), (high, "tonexty")):
            fig.add_scatter(
                x=share, y=values, mode="lines", line={"width": 0}, fill=fill, fillcolor=_BAND,
                name="random orders", showlegend=first and fill is not None, hoverinfo="skip",
                row=1, col=column,
            )  # fmt: skip
        lines = (
            ("random weights' map", rows[1], {"color": colour(network), "dash": "dot"}),
            ("the map", rows[0], {"color": colour(network), "width": 3}),
        )
        for name, values, line in lines:
            fig.add_scatter(
                x=share, y=values, mode="lines", line=line, name=name, showlegend=first,
                hovertemplate="%{x:.0f} %: %{y:.1f} %", row=1, col=column,
            )  # fmt: skip
    fig.update_xaxes(title="share, %").update_yaxes(range=[0, 100])
    fig.update_yaxes(title="probability, %", col=1)
    plain(fig, height=height).update_layout(showlegend=True)
    return fig.update_layout(legend={"orientation": "h", "y": -0.35})


NETWORKS = ("tsn", "tsm", "maagn")
"""The figure's rows, top to bottom."""

CELL = 168
"""Side of a frame, pixels."""

_GAP = 6
_GUTTER = 150
_MARGIN = 20


def figure_row(reports: Sequence[Report]) -> UInt8[np.ndarray, "h w 3"]:
    """Draw the frames and, beneath, the map of TSN, TSM and MAAGN, all on one scale.

    The scale reaches the largest value of the three maps, and is told; what speaks against the
    class is not drawn.

    Raises:
        ValueError: none of the three is there, or they explain several classes.
    """
    by_arch = {report.model.spec.arch: report for report in reports}
    shown = [by_arch[arch] for arch in NETWORKS if arch in by_arch]
    if not shown or len({one.label for one in shown}) > 1:
        raise ValueError("the figure needs TSN, TSM or MAAGN, all about one class")
    scale = max(top_of_scale(one.cam.values) for one in shown)
    inputs = shown[0].inputs
    count = len(inputs.pictures)
    width = 2 * _MARGIN + _GUTTER + count * (CELL + _GAP) - _GAP
    title = Band(width, 44)
    title.write(f"{shown[0].label}: {shown[0].clip.title}", at=(_MARGIN, 30), size=18, bold=True)
    bands = [title, _pictures(width, "Frames", "", "#000000", enlarge(inputs.pictures))]
    for one in shown:
        hot = overlay(one.inputs.pictures, one.cam, seconds=one.inputs.seconds, scale=scale)
        name = one.model.architecture.title
        given = f"gives it {percent(one.prediction.probabilities[one.target])}"
        bands.append(_pictures(width, name, given, colour(name), hot))
    foot = Band(width, 56)
    for index, second in enumerate(inputs.seconds):
        x = _MARGIN + _GUTTER + index * (CELL + _GAP)
        foot.write(f"{second:.2f} s", at=(x, 16), size=14)
    cam = shown[0].cam
    made = f"{cam.about['method']} at {shown[0].map_layer}"
    words = f"{made}; one scale for all rows, 0 to {scale:.3g} {cam.unit}"
    foot.write(words, at=(_MARGIN + _GUTTER, 42), size=15, colour=QUIET, room=width - _GUTTER - 40)
    return np.concatenate([band.pixels for band in [*bands, foot]])


def _pictures(
    width: int, name: str, words: str, ink: str, pictures: UInt8[np.ndarray, "t h w 3"]
) -> Band:
    band = Band(width, CELL + _GAP)
    band.pen.rectangle((_MARGIN, 4, _MARGIN + 6, CELL - 4), fill=ink)
    band.write(name, at=(_MARGIN + 16, CELL // 2), size=18, bold=True)
    band.write(words, at=(_MARGIN + 16, CELL // 2 + 22), size=15, colour=QUIET)
    for index, picture in enumerate(pictures):
        small = cv2.resize(picture, (CELL, CELL), interpolation=cv2.INTER_AREA)
        band.paste(small, at=(_MARGIN + _GUTTER + index * (CELL + _GAP), 0))
    return band
