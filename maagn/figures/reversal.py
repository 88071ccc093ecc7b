"""How far each network's answer moves when the same frames are shown backwards."""

from collections.abc import Mapping

import plotly.graph_objects as go

from maagn.explain.reversal import Reversal
from maagn.figures.layout import plain
from maagn.figures.palette import colour

_ROW = 46
_MARK = 13


def reversal_arrows(reversals: Mapping[str, Reversal], *, label: str, opposite: str) -> go.Figure:
    """A row a network: log p(label) / p(opposite), filled forwards, open backwards.

    Args:
        reversals: by network's name, which decides the colour.
        label: the true class.
        opposite: what the clip shows backwards.
    """
    fig = go.Figure()
    for name, found in reversals.items():
        before, after = found.margins(label, opposite)
        line = {"color": colour(name), "width": 3}
        fig.add_scatter(
            x=[before, after],
            y=[name, name],
            mode="lines+markers",
            line=line,
            marker={
                "size": _MARK,
                "color": [colour(name), "rgba(0,0,0,0)"],
                "line": {"color": colour(name), "width": 3},
            },
            customdata=["forwards", "backwards"],
            hovertemplate=f"{name}, %{{customdata}}: %{{x:+.2f}}<extra></extra>",
        )
    fig.add_vline(x=0, line={"color": "#8A8A8A", "width": 1, "dash": "dot"})
    fig.update_yaxes(autorange="reversed", title=None)
    fig.update_xaxes(
        title=f"log ratio: over 0 for {label}, under 0 for {opposite}; ● forwards, ○ backwards"
    )
    return plain(fig, height=110 + _ROW * len(reversals))
