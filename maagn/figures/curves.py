"""Deletion and insertion curves, with the band of random orders."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from maagn.explain.faithfulness import Faithfulness
from maagn.figures.layout import plain
from maagn.figures.palette import colour

_BAND = "rgba(127,127,127,0.3)"


def curves(found: Faithfulness, *, network: str, height: int = 300) -> go.Figure:
    """The class's probability against the share deleted, and inserted.

    Args:
        found: the test of one map.
        network: whose colour the map's line wears, e.g. `MAAGN`.
        height: pixels.
    """
    fig = make_subplots(1, 2, subplot_titles=("Deletion", "Insertion"), shared_yaxes=True)
    share = 100 * found.curves.shares
    for column, rows in enumerate((found.curves.deletion, found.curves.insertion), start=1):
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
