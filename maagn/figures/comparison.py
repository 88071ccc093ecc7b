"""Two networks class by class: gains (Figure 8), accuracy against accuracy, and calibration."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from maagn.figures.layout import in_lines, letters, plain, row_pixels

_ROW = 26  # pixels a class
_AROUND = 90  # of the axis and its title
_ACROSS, _TITLE = 36, 26  # letters of a line of names, and of the title: on half a page


def gain_chart(
    table: pd.DataFrame, *, first: str, second: str, colours: tuple[str, str]
) -> go.Figure:
    """One dot per class: its gain in percentage points, with the 95 % interval; first row on top.

    A dot is filled where the interval leaves out zero. Its colour is that of the network ahead.

    Args:
        table: of `maagn.evaluate.compare.table`: `classes`, `clips`, `first`, `second`, `gain`,
            `gain_low`, `gain_high`; shares in [0, 1].
        first: name of the network whose gain it is.
        second: name of the other.
        colours: of the first and the second, as `#RRGGBB`.
    """
    ahead = [colours[gain < 0] for gain in table["gain"]]
    told = (table["gain_low"] > 0) | (table["gain_high"] < 0)
    names = [in_lines(name, across=_ACROSS) for name in table["classes"]]
    whole = table.assign(classes=table["classes"].map(letters))
    fig = go.Figure()
    for index, (_, row) in enumerate(table.iterrows()):
        ends = [100 * row["gain_low"], 100 * row["gain_high"]]
        fig.add_scatter(
            x=ends, y=[names[index]] * 2, mode="lines", hoverinfo="skip",
            line={"color": ahead[index], "width": 2},
        )  # fmt: skip
    fig.add_scatter(
        x=100 * table["gain"],
        y=names,
        mode="markers",
        marker={
            "color": ahead,
            "size": 11,
            "symbol": ["circle" if one else "circle-open" for one in told],
            "line": {"width": 2, "color": ahead},
        },
        customdata=whole[["classes", "first", "second", "gain_low", "gain_high", "clips"]],
        hovertemplate=(
            "<b>%{customdata[0]}</b><br>"
            f"{first} %{{customdata[1]:.0%}}, {second} %{{customdata[2]:.0%}}<br>"
            "gain %{x:+.1f} points [%{customdata[3]:+.1%}, %{customdata[4]:+.1%}]<br>"
            "n = %{customdata[5]}<extra></extra>"
        ),
    )
    fig.add_vline(x=0, line={"color": "#8A8A8A", "width": 1})
    title = in_lines(f"{first} minus {second}, points", across=_TITLE)
    fig.update_xaxes(title=title, zeroline=False)
    fig.update_yaxes(autorange="reversed", showgrid=False)
    return plain(fig, height=row_pixels(names, one_line=_ROW) * len(table) + _AROUND)


_MARGIN = 0.04  # beyond 0 and 1, so that points there are whole


def class_scatter(
    table: pd.DataFrame, *, first: str, second: str, colours: tuple[str, str]
) -> go.Figure:
    """One trace, one point per row in the table's order: a click gives the row as `point_index`.

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
            customdata=table.assign(classes=table["classes"].map(letters))[
                ["classes", "clips", "gain"]
            ],
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


@dataclass(frozen=True, eq=False)
class Curve:
    """One network's bins of confidence.

    Attributes:
        name: of the network.
        colour: as `#RRGGBB`.
        bins: of `maagn.evaluate.metrics.reliability`: `confidence`, `right`, `low`, `high`
            in [0, 1], and `clips`.
    """

    name: str
    colour: str
    bins: pd.DataFrame


def reliability_diagram(curves: Sequence[Curve]) -> go.Figure:
    """One line per network with 95 % intervals; on the diagonal it is right as often as it is sure.

    Guo et al. (ICML 2017), Figure 1; the mean confidence of a bin stands for its middle.
    """
    fig = go.Figure()
    for index, curve in enumerate(curves):
        bins = curve.bins
        fig.add_scatter(
            name=curve.name,
            x=bins["confidence"],
            y=bins["right"],
            mode="lines+markers",
            line={"color": curve.colour, "width": 2, "dash": "solid" if index == 0 else "dash"},
            marker={"size": 8, "symbol": "circle" if index == 0 else "diamond"},
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
