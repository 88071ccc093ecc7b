"""The same mask for several clips, on one axis."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from maagn.explain.attention import Quantity
from maagn.figures.layout import plain
from maagn.figures.palette import colour

_HEIGHT = 340
_MARK = 11
_LOOKS = (("solid", "circle"), ("dash", "circle-open"))
_GROUND = "33"  # of 255: the opacity of the area behind the lines


def of_two_clips(
    weights: Mapping[str, Float[np.ndarray, " t"]],
    mask: Quantity,
    *,
    band: tuple[Float[np.ndarray, " t"], Float[np.ndarray, " t"]] | None = None,
) -> go.Figure:
    """Two lines over the frames: solid with dots, and dashed with rings, in the module's colour.

    Args:
        weights: one number a frame, by clip's name; two clips.
        mask: whose weights they are; between its bounds.
        band: lower and upper edge of an area behind them, where most clips lie.
    """
    assert mask.bounds is not None  # gates have none, masks do
    low, high = mask.bounds
    shade = colour(mask.module)
    frames = np.arange(1, 1 + len(next(iter(weights.values()))))
    fig = go.Figure()
    if band is not None:
        lower, upper = band
        fig.add_scatter(
            x=[*frames, *frames[::-1]],
            y=[*upper, *lower[::-1]],
            fill="toself",
            fillcolor=shade + _GROUND,
            mode="none",
            name="nine of ten clips",
            hoverinfo="skip",
        )
    for (name, values), (dash, symbol) in zip(weights.items(), _LOOKS, strict=True):
        fig.add_scatter(
            x=frames,
            y=values,
            mode="lines+markers",
            line={"color": shade, "width": 2, "dash": dash},
            marker={"size": _MARK, "symbol": symbol, "line": {"color": shade, "width": 2}},
            name=name,
            hovertemplate=f"{name}, frame %{{x}}: %{{y:.3f}}<extra></extra>",
        )
    fig.update_xaxes(title="frame", dtick=1, zeroline=False)
    fig.update_yaxes(title=f"weight, {low:g} to {high:g}", range=[low, high], zeroline=False)
    return plain(fig, height=_HEIGHT).update_layout(
        showlegend=True, legend={"orientation": "h", "y": -0.3}
    )
