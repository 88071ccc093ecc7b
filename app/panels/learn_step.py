"""A step of the tour: its text, and the learner's prediction."""

import streamlit as st

from app import session
from app.tour.step import Step


def ask(step: Step, number: int) -> tuple[str, ...] | None:
    """The learner's prediction; None while there is none, and then a form asks for it.

    Args:
        step: what is asked.
        number: its place in the tour, from 0.
    """
    said = session.tour_answers().get(number)
    if said is not None:
        return said
    with st.form(f"tour-{number}", border=True):
        st.markdown(f"**{step.ask}**")
        chosen: tuple[str, ...]
        if step.kind == "one":
            one = st.radio(
                step.ask, step.options, index=None, key=f"tour-one-{number}",
                horizontal=True, label_visibility="collapsed",
            )  # fmt: skip
            chosen = () if one is None else (one,)
        else:
            st.caption("Choose any number of them, or none.")
            chosen = tuple(
                name for name in step.options if st.checkbox(name, key=f"{number}-{name}")
            )
        sent = st.form_submit_button(
            "Show what was computed", type="primary", key=f"tour-show-{number}"
        )
    if sent and step.accepts(chosen):
        session.tour_answers()[number] = chosen
        st.rerun()
    if sent:
        st.warning("Choose an answer first: a guess will do.", icon=":material/touch_app:")
    return None
