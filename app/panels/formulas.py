"""Equations as the paper prints them, and beneath each this clip's numbers."""

from collections.abc import Sequence

import streamlit as st

from app import exhibit
from maagn.explain.equations import Equation

_SHORT = 62  # letters of LaTeX that fit half the page


def show(equations: Sequence[Equation]) -> None:
    """Two columns of formulas, then the long ones."""
    st.subheader("With this clip's numbers", anchor=False)
    st.caption(
        "Feature values are those at the outlined place; every number is the tensor's own, to four "
        "digits, and is tested against the equations in float64."
    )
    short = [one for one in equations if len(one.numbers) <= _SHORT]
    for start in range(0, len(short), 2):
        for column, one in zip(st.columns(2, gap="large"), short[start : start + 2], strict=False):
            with column:
                _draw(one)
    for one in equations:
        if len(one.numbers) > _SHORT:
            _draw(one)


def _draw(one: Equation) -> None:
    with st.container(border=True):
        st.markdown(f"**Eq. {one.number}** · {one.about}")
        exhibit.equation(one.symbols, key=f"eq{one.number}")
        exhibit.equation(one.numbers, key=f"eq{one.number}-numbers")
