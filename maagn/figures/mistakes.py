"""The confusion matrix as squares that can be clicked, and error rates of slices."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Int64

from maagn.figures.layout import letters, percent, plain
from maagn.figures.palette import SEQUENTIAL, colour

_PIXELS = 640  # of the matrix's side
_NAMED = 40  # more classes than this are named on hover alone
_SCALE = [(1 - place, shade) for place, shade in reversed(SEQUENTIAL)]


def confusion_matrix(
    counts: Int64[np.ndarray, "k k"],
    labels: Sequence[str],
    *,
    chosen: tuple[int, int] | None = None,
) -> go.Figure:
    """Rows are true classes, columns predictions; cells without a clip stay empty.

    Args:
        counts: clips of each true class and prediction.
        labels: names of the classes.
        chosen: the cell that is framed, (true, answered).

    A cell's `customdata` is [true, answered, clips]. The colour runs from pale (1 clip) to dark
    (the largest count off the diagonal); the diagonal (correct predictions) has the same scale and
    may lie above its top. WebGL markers, because clicks on a heatmap are not reported.
    """
    true, answered = np.nonzero(counts)
    clips = counts[true, answered]
    wrong = counts[~np.eye(len(counts), dtype=bool)]
    top = max(2, int(wrong.max(initial=0)))
    side = max(2.0, _PIXELS / len(counts) - 2)
    names = np.array([letters(label) for label in labels], dtype=object)
    marker = {
        "symbol": "square",
        "size": side,
        "color": np.minimum(clips, top),
        "colorscale": _SCALE,
        "cmin": 1,
        "cmax": top,
        "line": {"width": 0},
        "colorbar": {
            "title": {"text": f"clips, 1 to {top};<br>more: as {top}"},
            "len": 0.5,
            "thickness": 12,
        },
    }
    fig = go.Figure(
        go.Scattergl(
            x=answered,
            y=true,
            mode="markers",
            marker=marker,
            customdata=np.column_stack([true, answered, clips]),
            text=[
                _cell_text(names[i], names[j], n, i == j)
                for i, j, n in zip(*map(np.ndarray.tolist, (true, answered, clips)), strict=True)
            ],
            hovertemplate="%{text}<extra></extra>",
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
        )
    )
    if chosen is not None:
        row, column = chosen
        place = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
        fig.add_shape(type="rect", line={"color": "#808080", "width": 3}, **place)
    fig.update_layout(meta={"labels": [letters(label) for label in labels]})  # whole, for paper
    return _axes(plain(fig, height=_PIXELS + 220), labels)


def _cell_text(true: str, answered: str, clips: int, right: bool) -> str:
    end = "right" if right else f"predicted {answered}"
    return f"{true}<br>{end}: {clips} clip{'' if clips == 1 else 's'}"


def _axes(fig: go.Figure, labels: Sequence[str]) -> go.Figure:
    count = len(labels)
    shared = {
        "range": [-0.6, count - 0.4],
        "showgrid": False,
        "zeroline": False,
        "tickvals": list(range(count)) if count <= _NAMED else None,
        "ticktext": [letters(_short(label)) for label in labels] if count <= _NAMED else None,
        "tickfont": {"size": 10},
    }
    fig.update_xaxes(**shared, title="predicted", tickangle=-60, constrain="domain")
    return fig.update_yaxes(
        **shared | {"range": [count - 0.4, -0.6]},
        title="true class",
        scaleanchor="x",
        constrain="domain",
    )


def _short(label: str, most: int = 34) -> str:
    return label if len(label) <= most else label[: most - 1] + "…"


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
        what: the rate that is shown, e.g. `misclassified`.
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
        text=[_slice_text(row, what) for row in rows],
        hovertemplate="%{text}<extra></extra>",
        name="this slice",
    )
    plain(fig, height=110 + _ROW_PIXELS * len(rows))
    fig.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.0, "yanchor": "bottom"})
    fig.update_xaxes(title=f"{what}, % of clips", range=[0, 100], zeroline=False)
    return fig.update_yaxes(autorange="reversed", showgrid=False, type="category")


def _slice_text(row: Interval, what: str) -> str:
    ends = f"{percent(row.low)} to {percent(row.high)}"
    return f"{row.name}<br>{percent(row.value)} {what} (95 %: {ends})<br>of {row.clips} clips"
