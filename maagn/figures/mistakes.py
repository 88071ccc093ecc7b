"""The confusion matrix as squares that can be clicked, and error rates of slices."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Int64

from maagn.figures.layout import in_lines, letters, percent, plain, row_pixels
from maagn.figures.palette import SEQUENTIAL, colour

_PIXELS = 600  # of the matrix's side: beside its names on a page of 1280
_AROUND = 130  # of the scale, the numbers and the title
_ACROSS = 54  # letters of a line of names
_TEXT = 13  # pixels of such a line
_EVERY = 10  # of classes without room for their names, each so many-th has its number
_SCALE = [(1 - place, shade) for place, shade in reversed(SEQUENTIAL)]


def confusion_matrix(
    counts: Int64[np.ndarray, "k k"],
    labels: Sequence[str],
    *,
    chosen: tuple[int, int] | None = None,
) -> go.Figure:
    """Rows are true classes, columns predictions; cells without a clip stay empty.

    Classes have numbers from 1: rows have their whole names too where there is room for all of
    them, columns their numbers alone. A cell's names are told on hover.

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
            "title": {"text": f"clips, 1 to {top}; more: as {top}", "side": "top"},
            "orientation": "h",
            "len": 0.4,
            "thickness": 12,
            "x": 0,
            "xanchor": "left",
            "y": 1.01,
            "yanchor": "bottom",
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
    return _axes(plain(fig, height=_PIXELS + _AROUND), labels)


def _cell_text(true: str, answered: str, clips: int, right: bool) -> str:
    end = "right" if right else f"predicted {answered}"
    return f"{true}<br>{end}: {clips} clip{'' if clips == 1 else 's'}"


def _axes(fig: go.Figure, labels: Sequence[str]) -> go.Figure:
    count = len(labels)
    names = [f"{in_lines(label, across=_ACROSS)}  {i}" for i, label in enumerate(labels, start=1)]
    named = row_pixels(names, one_line=_TEXT) * count <= _PIXELS
    ticks = [i for i in range(count) if named or i == 0 or (i + 1) % _EVERY == 0]
    numbers = [str(i + 1) for i in ticks]
    shared = {
        "showgrid": False,
        "zeroline": False,
        "tickvals": ticks,
        "tickfont": {"size": 10},
        "constrain": "domain",
    }
    fig.update_xaxes(
        **shared,
        range=[-0.6, count - 0.4],
        ticktext=numbers,
        tickangle=0,
        title="predicted, by number",
        constraintoward="left",
    )
    return fig.update_yaxes(
        **shared,
        range=[count - 0.4, -0.6],
        ticktext=names if named else numbers,
        title="true class" if named else "true class, by number",
        scaleanchor="x",
        constraintoward="top",
    )


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
    names = [in_lines(row.name) for row in rows]
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
    plain(fig, height=110 + row_pixels(names, one_line=_ROW_PIXELS) * len(rows))
    fig.update_layout(showlegend=True, legend={"orientation": "h", "y": 1.0, "yanchor": "bottom"})
    fig.update_xaxes(title=f"{what}, % of clips", range=[0, 100], zeroline=False)
    return fig.update_yaxes(autorange="reversed", showgrid=False, type="category")


def _slice_text(row: Interval, what: str) -> str:
    ends = f"{percent(row.low)} to {percent(row.high)}"
    return f"{row.name}<br>{percent(row.value)} {what} (95 %: {ends})<br>of {row.clips} clips"
