"""Classes as points: how often one network has them right against how often another has."""

import pandas as pd
import plotly.graph_objects as go

from maagn.figures.layout import plain

_MARGIN = 0.04  # beyond 0 and 1, so that points there are whole


def class_scatter(
    table: pd.DataFrame, *, first: str, second: str, colours: tuple[str, str]
) -> go.Figure:
    """One trace with a point a row, in the table's order: a click tells the row as `point_index`.

    Above the diagonal the first network is right more often. Both axes go from 0 to 1. A point
    has the colour of the network ahead, and is hollow on the diagonal or where the difference's
    95 % interval holds zero.

    Args:
        table: of `maagn.evaluate.compare.table`: `classes`, `clips`, `first`, `second`, `gain`,
            `gain_low`, `gain_high`; shares in [0, 1].
        first: name of the network on the vertical axis.
        second: name of the one on the horizontal.
        colours: of the first and the second, as `#RRGGBB`.
    """
    ahead = [colours[gain < 0] for gain in table["gain"]]
    told = (table["gain_low"] > 0) | (table["gain_high"] < 0)
    fig = go.Figure(
        go.Scatter(
            x=table["second"],
            y=table["first"],
            mode="markers",
            marker={
                "color": ahead,
                "size": 13,
                "symbol": ["circle" if one else "circle-open" for one in told],
                "line": {"width": 2, "color": ahead},
            },
            customdata=table[["classes", "clips", "gain"]],
            hovertemplate=(
                "<b>%{customdata[0]}</b><br>"
                f"{first} %{{y:.0%}}, {second} %{{x:.0%}}<br>"
                "n = %{customdata[1]}<extra></extra>"
            ),
        )
    )
    fig.add_shape(
        type="line", x0=0, y0=0, x1=1, y1=1, layer="below",
        line={"color": "#8A8A8A", "width": 1, "dash": "dot"},
    )  # fmt: skip
    ends = [-_MARGIN, 1 + _MARGIN]
    fig.update_xaxes(title=f"{second}: right", range=ends, tickformat=".0%", zeroline=False)
    fig.update_yaxes(title=f"{first}: right", range=ends, tickformat=".0%", zeroline=False)
    return plain(fig, height=480)
