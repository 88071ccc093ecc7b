"""Which of two classes networks lean to, clip by clip."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float

from maagn.figures.layout import in_lines, letters, plain
from maagn.figures.palette import colour

_ROW = 100
_MARK = 8
_ACROSS = 80  # letters of a line of the axis' title
_SPREAD = 0.42  # of a row, to either side: marks of one place stand under each other


def leanings(
    ratios: Mapping[str, Float[np.ndarray, " n"]],
    truth: Bool[np.ndarray, " n"],
    *,
    label: str,
    opposite: str,
) -> go.Figure:
    """One row per network, one mark per clip: log p(label) / p(opposite), filled if it is `label`.

    Args:
        ratios: by network's name, which decides the colour.
        truth: of each clip, whether `label` is its class; the other clips are of `opposite`.
        label: a class.
        opposite: the other class.
    """
    order = np.argsort(~truth, kind="stable")
    offsets = np.linspace(-_SPREAD, _SPREAD, len(truth))
    names = [letters(label if one else opposite) for one in truth[order]]
    fig = go.Figure()
    for row, (name, values) in enumerate(ratios.items()):
        shade = colour(name)
        fig.add_scatter(
            x=values[order],
            y=row + offsets,
            mode="markers",
            marker={
                "size": _MARK,
                "color": [shade if one else "rgba(0,0,0,0)" for one in truth[order]],
                "line": {"color": shade, "width": 2},
            },
            customdata=names,
            hovertemplate=f"{name}, %{{customdata}}: %{{x:+.2f}}<extra></extra>",
        )
    fig.add_vline(x=0, line={"color": "#8A8A8A", "width": 1, "dash": "dot"})
    fig.update_yaxes(
        autorange="reversed",
        tickvals=list(range(len(ratios))),
        ticktext=list(ratios),
        showgrid=False,
        zeroline=False,
    )
    fig.update_xaxes(
        title="<br>".join(
            in_lines(words, across=_ACROSS)
            for words in (
                f"← {opposite} · log ratio · {label} →",
                f"filmed as ● {label}, ○ {opposite}",
            )
        ),
        zeroline=False,
    )
    return plain(fig, height=110 + _ROW * len(ratios))
