"""Equations as the paper prints them, and beneath each this clip's numbers."""

import re
from collections.abc import Sequence

import streamlit as st

from app import elements
from maagn.explain.equations import Equation

_SHORT = 36  # letters that fit half the page at 1280 pixels


def show(equations: Sequence[Equation]) -> None:
    """Two columns of formulas, then the long ones."""
    st.subheader("With this clip's numbers", anchor=False)
    st.caption(
        "Feature values are those at the outlined place; every number is the tensor's own, to four "
        "digits, and is tested against the equations in float64."
    )
    short = [equation for equation in equations if _length(equation) <= _SHORT]
    for start in range(0, len(short), 2):
        for column, one in zip(st.columns(2, gap="large"), short[start : start + 2], strict=False):
            with column:
                _draw(one)
    for one in equations:
        if _length(one) > _SHORT:
            _draw(one)


def _length(equation: Equation) -> int:
    """Letters of the longer line, its commands counted as one letter each."""
    return max(
        len(re.sub(r"\\[a-z]+|[{}^_\\]", "", text)) for text in (equation.symbols, equation.numbers)
    )


def _draw(equation: Equation) -> None:
    with st.container(border=True):
        st.markdown(f"**Eq. {equation.number}** · {equation.about}")
        elements.equation(equation.symbols, key=f"eq{equation.number}")
        elements.equation(equation.numbers, key=f"eq{equation.number}-numbers")
