"""How a number went over the epochs of training."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from maagn.figures.layout import plain
from maagn.figures.palette import MODULES

_DASHES = ("solid", "dash", "dot", "dashdot")


def over_epochs(lines: Mapping[str, Sequence[float]], *, unit: str, height: int = 260) -> go.Figure:
    """A line a name, told apart by its dashes and by the name at its end; AGM's colour."""
    fig = go.Figure()
    for (name, values), dash in zip(lines.items(), _DASHES * len(lines), strict=False):
        fig.add_trace(
            go.Scatter(
                x=list(range(1, len(values) + 1)),
                y=list(values),
                mode="lines+markers+text",
                text=[""] * (len(values) - 1) + [f" {name}"],
                textposition="middle right",
                cliponaxis=False,
                line={"color": MODULES["AGM"], "dash": dash},
                name=name,
                hovertemplate=f"{name}, epoch %{{x}}: %{{y:.3g}}<extra></extra>",
            )
        )
    most = max((len(values) for values in lines.values()), default=1)
    fig.update_xaxes(title="epoch", dtick=1, range=[0.7, most + 0.1 * most + 0.8])
    fig.update_yaxes(title=unit, rangemode="tozero")
    return plain(fig, height=height)
