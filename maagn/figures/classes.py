"""One number a class with its spread, greatest first."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from maagn.figures.layout import plain

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
        values: a number a class.
        spread: its standard deviation over the class's clips.
        unit: what is counted.
        colour: of the dots, as `#RRGGBB`.
        here: class of the clip on the page, which is marked by a square and a word.
    """
    order = np.argsort(values)
    names = [labels[i] + (" ◂ this clip" if labels[i] == here else "") for i in order]
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
    return plain(fig, height=60 + _ROW * len(names))
