"""One frame, large, on which a region can be drawn."""

import numpy as np
import plotly.graph_objects as go
from jaxtyping import UInt8

from maagn.figures.layout import plain

_POINTS = 24  # a side: what Plotly's selection catches; a region of any use covers some


def frame_to_draw_on(picture: UInt8[np.ndarray, "h w 3"], *, height: int = 320) -> go.Figure:
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
    return plain(fig, height=height).update_layout(dragmode="select")
