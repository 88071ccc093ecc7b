"""A map of clips: a point each, tens of thousands of them, drawn by the graphics card."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float32, Float64, Int64

from maagn.figures.layout import letters, percent, plain
from maagn.figures.palette import DIVERGING, SEQUENTIAL

FIRST, SECOND = DIVERGING[0][1], DIVERGING[-1][1]
"""Of what is looked at: one of two opposites, and the other."""
GREY = "#808080"  # seen on both themes' ground
NAMED = 5_000  # more points than this are called by number: their names would take megabytes

_HEIGHT = 640
_SIZES = ((2_500, 8), (10_000, 5))  # points at most, and pixels of each; of more, 3


@dataclass(frozen=True, eq=False)
class Layer:
    """Points that are drawn alike.

    Attributes:
        name: in the legend.
        rows: numbers of the clips.
        colour: of the points, `#RRGGBB`.
        symbol: Plotly's name of it.
        larger: pixels that a point is larger than others.
        values: what a scale of colours shows instead of the one colour.
    """

    name: str
    rows: Int64[np.ndarray, " n"]
    colour: str = GREY
    symbol: str = "circle"
    larger: int = 0
    values: Float32[np.ndarray, " n"] | None = None


def clip_map(
    plane: Float32[np.ndarray, "n 2"],
    layers: Sequence[Layer],
    *,
    explained: Float64[np.ndarray, " d"],
    numbers: Int64[np.ndarray, " n"],
    texts: Sequence[str] | None = None,
) -> go.Figure:
    """One trace a layer, its points in the order of the layer's rows; both axes of one scale.

    A selected point gives the layer as `curve_number` and the place within it as `point_index`.

    Args:
        plane: of each clip.
        layers: later ones are drawn over earlier ones.
        explained: share of the variance of each component, in [0, 1]; there may be fewer than two.
        numbers: what a clip is called by where there are too many for names.
        texts: what else is said of each clip under the pointer, as HTML.
    """
    size = next((pixels for most, pixels in _SIZES if len(plane) <= most), 3)
    fig = go.Figure()
    for layer in layers:
        x, y = (np.ascontiguousarray(plane[layer.rows, axis]) for axis in (0, 1))
        if texts is None:
            told = {"customdata": numbers[layer.rows].astype(np.int32)}
        else:
            told = {"text": [texts[row] for row in layer.rows]}
        pointed = "clip %{customdata}" if texts is None else "%{text}"
        marker = {"symbol": layer.symbol, "size": size + layer.larger, "line": {"width": 0}}
        marker |= {"color": layer.colour} if layer.values is None else _scale(layer)
        if layer.symbol.endswith("-open"):
            marker["line"] = {"width": 1.5, "color": layer.colour}
        fig.add_trace(
            go.Scattergl(
                x=x,
                y=y,
                mode="markers",
                name=letters(layer.name),
                marker=marker,
                opacity=0.5 if layer.colour == GREY and layer.symbol == "circle" else 0.9,
                unselected={"marker": {"opacity": 0.15}},
                hovertemplate=f"{pointed}<extra>{letters(layer.name)}</extra>",
                **told,
            )
        )
    plain(fig, height=_HEIGHT)
    fig.update_layout(
        showlegend=len(layers) > 1,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "itemsizing": "constant"},
        margin_t=64,  # the legend lies below the tools
        dragmode="pan",
    )
    shares = [percent(float(share)) for share in explained[:2]] + ["no variance"] * 2
    shared = {"showgrid": False, "zeroline": False, "showticklabels": False}
    fig.update_xaxes(**shared, title=f"first principal component, {shares[0]}")
    return fig.update_yaxes(
        **shared, title=f"second principal component, {shares[1]}", scaleanchor="x"
    )


def _scale(layer: Layer) -> dict[str, object]:
    return {
        "color": layer.values,
        "colorscale": [list(stop) for stop in SEQUENTIAL],
        "colorbar": {"title": {"text": letters(layer.name)}, "thickness": 12, "len": 0.6},
    }
