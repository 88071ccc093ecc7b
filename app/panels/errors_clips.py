"""Clips of the benchmark as cards: film, what was answered, ways to open and to pin."""

from typing import cast

import numpy as np
import streamlit as st
from jaxtyping import Int64

from app import exhibit, page, session
from app.film import film
from app.selection import ClipChoice
from app.work import worked_out
from maagn.evaluate.predictions import Answers, sureness
from maagn.figures.layout import percent
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.split import Split

_A_PAGE = 4


def show(answers: Answers, rows: Int64[np.ndarray, " n"], *, title: str, key: str) -> None:
    """The clips at those places, surest answer first, some a page.

    Args:
        answers: of one model.
        rows: places of the clips.
        title: over them; the number of clips is added.
        key: unique on the page.
    """
    exhibit.words(f"**{title}: {len(rows)} clip{'s' * (len(rows) != 1)}**", key=f"title-{key}")
    if not len(rows):
        st.caption(f"None: this network makes no such error on the {answers.split} split.")
        return
    pages = -(-len(rows) // _A_PAGE)
    at = st.pagination(pages, key=f"page-{key}") if pages > 1 else 1
    shown = rows[(int(at) - 1) * _A_PAGE : int(at) * _A_PAGE]
    sure = sureness(answers, shown)
    for column, row, probability in zip(st.columns(_A_PAGE), shown, sure, strict=False):
        with column:
            _card(answers, int(row), float(probability), key)


def _card(answers: Answers, row: int, probability: float, key: str) -> None:
    split = cast("Split", answers.split)
    choice = ClipChoice.of_test(int(answers.truth[row]), int(answers.clip[row]), split=split)
    moving = worked_out(("film", choice), lambda _: film(choice), height=150)
    if moving is not None:
        named = f"{split.capitalize()} clip {answers.clip[row]}"
        st.image(moving, width="stretch", caption=named, alt=f"{named}, {choice.label}, moving")
    right = answers.answer[row] == answers.truth[row]
    st.markdown(f"{'✓ right' if right else '✗ wrong'}: **{choice.label}**")
    answered = OPPOSITES_LABELS[answers.answer[row]]
    st.caption(f"Answered {answered}, {percent(probability)}")
    with st.container(horizontal=True):
        st.page_link(page.named("explore"), label="Open", query_params={"clip": str(choice.link)})
        if st.button("Pin", key=f"pin-{key}-{row}", help="Keep it beside the next one"):
            session.pin(str(choice.link))
            st.rerun()
