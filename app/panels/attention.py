"""When does the network look? SDM and MTAM of one path, step by step, on one clip."""

import streamlit as st

from app import exhibit
from app.answer import Answer
from app.panels import attention_pair, formulas
from app.panels.attention_charts import charts
from app.panels.stage import player_view
from app.selection import Selection
from maagn.explain.equations import equations
from maagn.explain.intermediates import PathSteps


def show(answer: Answer, found: PathSteps, selection: Selection) -> int:
    """The player with this path's masks, then one moment of it: the pair, and Eqs. 1-13.

    Returns:
        The path's frame that the equations are about.
    """
    st.caption(
        "A mask is one number a frame: when, never where. SDM's lies between 0 and 1, the sum of "
        "MTAM's between 0 and 3; a frame with mask m counts 1 + m times."
    )
    view = player_view(answer, charts=charts(answer, found), moment=selection.moment)
    exhibit.player(view, key="player")
    st.subheader("One frame, step by step", anchor=False)
    rate = answer.reports[0].model.spec.rates[found.path]
    frame = st.segmented_control(
        f"Frame of path res{found.level}",
        range(found.frames),
        default=min(selection.moment // rate, found.frames - 1),
        required=True,
        format_func=lambda i: f"{i} · {found.seconds[i]:.2f} s",
        key=f"frame{found.path}",
    )
    chosen = int(frame or 0)
    attention_pair.show(answer.reports[0], found, chosen)
    formulas.show(equations(found, chosen)[:13])
    return chosen
