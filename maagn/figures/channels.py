"""A mask that has one number per channel of a frame, as heat: frames across, channels down."""

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int64

from maagn.figures.layout import plain
from maagn.figures.palette import DIVERGING, SEQUENTIAL

ORDER = "sorted by the frame in which they are largest, and among those of a frame, largest first"
"""What `by_peak` does, in words."""

_LEAST, _MOST = 240, 400  # pixels of the heat's height
_ROW = 3  # pixels a channel, between the two
_AROUND = 150  # of the scale above and the frames below
_SCALE = 10  # pixels of the colour scale's thickness
_PALEST = 0.1  # of the mask's range: differences never fill the colours with less


def by_peak(values: Float[np.ndarray, "t c"]) -> Int64[np.ndarray, " c"]:
    """The channels in the order of `ORDER`; channels that are alike keep the order they have."""
    return np.lexsort((-values.max(axis=0), values.argmax(axis=0)))


def channel_heat(
    weights: Float[np.ndarray, "t c"],
    *,
    seconds: Float[np.ndarray, " t"],
    bounds: tuple[float, float],
    average: Float[np.ndarray, "t c"] | None = None,
    chosen: tuple[int, int] | None = None,
) -> go.Figure:
    """Every weight of a mask as a cell, a column a frame and a row a channel, in `ORDER`.

    Without an average the colours run from one bound to the other, so that two clips compare by
    eye. With one they are those of the difference, white where there is none, and full at the
    largest difference of the clip or at a tenth of the range, whichever is more.

    Args:
        weights: of the mask.
        seconds: when each frame is shown.
        bounds: between which the weights lie.
        average: that is subtracted; None to draw the weights themselves.
        chosen: frame and channel of a cell that is framed, its channel named beside it.
    """
    frames, channels = weights.shape
    shown = weights if average is None else weights - average
    order = by_peak(shown)
    rows = shown.T[order]
    sign = "" if average is None else "+"
    moments = [f"frame {frame} · {second:.2f} s" for frame, second in enumerate(seconds)]
    text = [
        [
            f"{moment} · channel {channel} · {value:{sign}.2f}"
            for moment, value in zip(moments, row, strict=True)
        ]
        for channel, row in zip(order.tolist(), rows.tolist(), strict=True)
    ]
    low, high = bounds
    if average is not None:
        high = max(float(np.abs(shown).max()), _PALEST * (high - low))
        low = -high
    fig = go.Figure(
        go.Heatmap(
            x=list(range(frames)),
            y=list(range(channels)),
            z=rows,
            text=text,
            hovertemplate="%{text}<extra></extra>",
            colorscale=SEQUENTIAL if average is None else DIVERGING,
            zmin=low,
            zmax=high,
            xgap=2,
            colorbar={
                "orientation": "h",
                "y": 1.0,
                "yanchor": "bottom",
                "x": 0.0,
                "xanchor": "left",
                "len": 0.6,
                "thickness": _SCALE,
                "tickvals": [low, (low + high) / 2, high],
                "ticktext": [f"{low:.2g}", f"{(low + high) / 2:.2g}", f"{high:{sign}.2g}"],
            },
        )
    )
    fig.update_xaxes(
        title="frame of the path, and its time in seconds",
        tickvals=list(range(frames)),
        ticktext=[f"{frame}<br>{second:.2f}" for frame, second in enumerate(seconds)],
        tickangle=0,
        range=[-0.5, frames - 0.5],
        showgrid=False,
        zeroline=False,
    )
    fig.update_yaxes(
        title=f"{channels} channels",
        range=[channels - 0.5, -0.5],
        tickvals=[],
        showgrid=False,
        zeroline=False,
    )
    if chosen is not None:
        frame, channel = chosen
        row = order.tolist().index(channel)
        edges = {"x0": frame - 0.5, "x1": frame + 0.5, "y0": row - 0.5, "y1": row + 0.5}
        for shade, width in (("#FFFFFF", 4), ("#000000", 2)):  # legible on any ground
            fig.add_shape(type="rect", line={"color": shade, "width": width}, **edges)
        fig.update_yaxes(tickvals=[row], ticktext=[str(channel)])
    return plain(fig, height=_AROUND + min(max(_ROW * channels, _LEAST), _MOST))
