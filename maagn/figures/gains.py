"""How much more often one network is right than another, class by class (Figure 8)."""

import pandas as pd
import plotly.graph_objects as go

from maagn.figures.layout import plain

_ROW = 26  # pixels a class
_AROUND = 90  # of the axis and its title
_WRAP = 44  # letters of a class name


def gain_chart(
    table: pd.DataFrame, *, first: str, second: str, colours: tuple[str, str]
) -> go.Figure:
    """A dot a class at its gain in percentage points, with the 95 % interval; the first row on top.

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
    names = [short(name) for name in table["classes"]]
    fig = go.Figure()
    for place, (_, row) in enumerate(table.iterrows()):
        ends = [100 * row["gain_low"], 100 * row["gain_high"]]
        fig.add_scatter(
            x=ends, y=[names[place]] * 2, mode="lines", hoverinfo="skip",
            line={"color": ahead[place], "width": 2},
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
        customdata=table[["classes", "first", "second", "gain_low", "gain_high", "clips"]],
        hovertemplate=(
            "<b>%{customdata[0]}</b><br>"
            f"{first} %{{customdata[1]:.0%}}, {second} %{{customdata[2]:.0%}}<br>"
            "gain %{x:+.1f} points [%{customdata[3]:+.1%}, %{customdata[4]:+.1%}]<br>"
            "n = %{customdata[5]}<extra></extra>"
        ),
    )
    fig.add_vline(x=0, line={"color": "#8A8A8A", "width": 1})
    fig.update_xaxes(title=f"{first} minus {second}, points", zeroline=False)
    fig.update_yaxes(autorange="reversed", showgrid=False)
    return plain(fig, height=_ROW * len(table) + _AROUND)


def short(name: str) -> str:
    """A class name cut to a length that leaves room for a chart; hovering gives it whole."""
    return name if len(name) <= _WRAP else f"{name[: _WRAP - 1].rstrip()}…"
