"""Error rates of slices, each with its interval, beside the rest of the clips."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from maagn.figures.layout import plain
from maagn.figures.palette import colour
from maagn.figures.words import percent

_ROW_PIXELS = 30


@dataclass(frozen=True)
class Interval:
    """One row: a rate in [0, 1] with the ends of its interval, and the rate it is held against."""

    name: str
    value: float
    low: float
    high: float
    rest: float
    clips: int


def slice_rates(rows: Sequence[Interval], *, network: str, what: str) -> go.Figure:
    """A dot and its 95 % interval a slice, a hollow diamond for the rest; the first row on top.

    Args:
        rows: in the order of the figure.
        network: whose colour the dots wear.
        what: the rate that is shown, e.g. `answered wrongly`.
    """
    names = [row.name for row in rows]
    own = colour(network)
    fig = go.Figure()
    fig.add_scatter(
        x=[100 * row.rest for row in rows],
        y=names,
        mode="markers",
        marker={"symbol": "diamond-open", "size": 9, "color": own},
        text=[f"all other clips: {percent(row.rest)}" for row in rows],
        hovertemplate="%{text}<extra></extra>",
        name="all other clips",
    )
    fig.add_scatter(
        x=[100 * row.value for row in rows],
        y=names,
        mode="markers",
        marker={"size": 10, "color": own},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [100 * (row.high - row.value) for row in rows],
            "arrayminus": [100 * (row.value - row.low) for row in rows],
            "color": own,
        },
        text=[_says(row, what) for row in rows],
        hovertemplate="%{text}<extra></extra>",
        name="this slice",
    )
    plain(fig, height=110 + _ROW_PIXELS * len(rows))
    fig.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.0, "yanchor": "bottom"})
    fig.update_xaxes(title=f"{what}, % of clips", range=[0, 100], zeroline=False)
    return fig.update_yaxes(autorange="reversed", showgrid=False, type="category")


def _says(row: Interval, what: str) -> str:
    ends = f"{percent(row.low)} to {percent(row.high)}"
    return f"{row.name}<br>{percent(row.value)} {what} (95 %: {ends})<br>of {row.clips} clips"
