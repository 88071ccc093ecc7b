"""Whether networks are right as often as they are sure: accuracy against confidence."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from maagn.figures.layout import plain


@dataclass(frozen=True, eq=False)
class Curve:
    """One network's bins of confidence.

    Attributes:
        name: of the network.
        colour: as `#RRGGBB`.
        bins: of `maagn.evaluate.calibration.reliability`: `confidence`, `right`, `low`, `high`
            in [0, 1], and `clips`.
    """

    name: str
    colour: str
    bins: pd.DataFrame


def reliability_diagram(curves: Sequence[Curve]) -> go.Figure:
    """A line a network with 95 % intervals; on the diagonal it is right as often as it is sure.

    Guo et al. (ICML 2017), Figure 1; the mean confidence of a bin stands for its middle.
    """
    fig = go.Figure()
    for place, curve in enumerate(curves):
        bins = curve.bins
        fig.add_scatter(
            name=curve.name,
            x=bins["confidence"],
            y=bins["right"],
            mode="lines+markers",
            line={"color": curve.colour, "width": 2, "dash": "solid" if place == 0 else "dash"},
            marker={"size": 8, "symbol": "circle" if place == 0 else "diamond"},
            error_y={
                "array": bins["high"] - bins["right"],
                "arrayminus": bins["right"] - bins["low"],
                "width": 0,
                "thickness": 1,
            },
            customdata=bins[["clips"]],
            hovertemplate=(
                f"<b>{curve.name}</b><br>sure %{{x:.0%}}, right %{{y:.0%}}<br>"
                "n = %{customdata[0]}<extra></extra>"
            ),
        )
    fig.add_shape(
        type="line", x0=0, y0=0, x1=1, y1=1, layer="below",
        line={"color": "#8A8A8A", "width": 1, "dash": "dot"},
    )  # fmt: skip
    fig.update_xaxes(title="mean confidence", range=[0, 1.03], tickformat=".0%", zeroline=False)
    fig.update_yaxes(title="right", range=[0, 1.03], tickformat=".0%", zeroline=False)
    plain(fig, height=480)
    return fig.update_layout(
        showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"}
    )
