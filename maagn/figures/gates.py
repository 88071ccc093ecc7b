"""One number per class with its spread, and how a number went over the epochs of training."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from maagn.figures.layout import in_lines, plain, row_pixels
from maagn.figures.palette import MODULES

_ROW = 20


def by_class(
    labels: Sequence[str],
    values: Float[np.ndarray, " k"],
    spread: Float[np.ndarray, " k"],
    *,
    unit: str,
    colour: str,
    here: str | None = None,
) -> go.Figure:
    """Dots with whiskers of one standard deviation.

    Args:
        labels: the classes.
        values: one number per class.
        spread: its standard deviation over the class's clips.
        unit: what is counted.
        colour: of the dots, as `#RRGGBB`.
        here: class of the clip on the page, which is marked by a square and a word.
    """
    order = np.argsort(values)
    names = [in_lines(labels[i]) + (" ◂ this clip" if labels[i] == here else "") for i in order]
    fig = go.Figure(
        go.Scatter(
            x=values[order],
            y=names,
            mode="markers",
            error_x={"type": "data", "array": spread[order], "thickness": 1},
            marker={
                "color": colour,
                "size": [12 if labels[i] == here else 8 for i in order],
                "symbol": ["square" if labels[i] == here else "circle" for i in order],
            },
            hovertemplate="%{y}: %{x:.3g}<extra></extra>",
        )
    )
    fig.update_xaxes(title=unit, rangemode="tozero")
    return plain(fig, height=60 + row_pixels(names, one_line=_ROW) * len(names))


_HEIGHT = 260
_DASHES = ("solid", "dash", "dot", "dashdot")


def over_epochs(lines: Mapping[str, Sequence[float]], *, unit: str) -> go.Figure:
    """One line per name, told apart by its dashes and by the name at its end; AGM's colour."""
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
    return plain(fig, height=_HEIGHT)
