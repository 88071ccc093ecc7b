"""The clips of one class, by which of two networks has them right."""

from collections.abc import Sequence
from typing import cast

import streamlit as st

from app import exhibit, page, session
from app.panels.compare_choice import Duel, Side
from app.selection import ClipChoice
from maagn.evaluate.compare import Answered, won
from maagn.figures.layout import percent
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.split import Split

_COLUMNS = 3
_PAGE = 4 * _COLUMNS  # cards
_LISTS = ("won", "lost", "both right", "both wrong")


def show(duel: Duel) -> None:
    """Choose a class, unless a click did; then its clips as cards, each to be opened."""
    st.subheader("Clips won and lost", anchor=False)
    session.heed_link("class_", OPPOSITES_LABELS, what="class")
    label = st.selectbox(
        "Class",
        OPPOSITES_LABELS,
        index=None,
        placeholder="Click a class above, or choose one here",
        key="class_",
        bind="query-params",
    )
    if label is None:
        st.info("Click a class above, or choose one here, to see the clips behind its numbers.")
        return
    found = won(duel.first.answers, duel.second.answers, label=OPPOSITES_LABELS.index(label))
    lists = dict(
        zip(_LISTS, (found.won, found.lost, found.both_right, found.both_wrong), strict=True)
    )
    exhibit.words(_summary(label, lists, duel), key="clips-summary")
    which = st.segmented_control(
        "Clips",
        _LISTS,
        default=_LISTS[0],
        required=True,
        format_func=lambda name: f"{_heading(name, duel)} ({len(lists[name])})",
        key="clips",
    )
    _cards(lists[which or _LISTS[0]], duel)


def _summary(label: str, lists: dict[str, tuple[Answered, ...]], duel: Duel) -> str:
    won_, lost, right, wrong = (len(lists[name]) for name in _LISTS)
    return (
        f"**{label}**, n = {won_ + lost + right + wrong}: {duel.first.name} alone is right on "
        f"{won_} clips, {duel.second.name} alone on {lost}, both on {right}, neither on {wrong}."
    )


def _heading(name: str, duel: Duel) -> str:
    return {
        "won": f"Only {duel.first.name} right",
        "lost": f"Only {duel.second.name} right",
        "both right": "Both right",
        "both wrong": "Both wrong",
    }[name]


def _cards(clips: Sequence[Answered], duel: Duel) -> None:
    if not clips:
        st.info("There are no such clips. Look at another of the lists.")
        return
    pages = -(-len(clips) // _PAGE)
    at = st.pagination(pages, key=f"cards-{pages}") if pages > 1 else 1
    shown = clips[_PAGE * (at - 1) : _PAGE * at]
    for start in range(0, len(shown), _COLUMNS):
        for place, clip in zip(st.columns(_COLUMNS), shown[start : start + _COLUMNS], strict=False):
            with place.container(border=True):
                _card(clip, duel)


def _card(clip: Answered, duel: Duel) -> None:
    st.markdown(f"**{duel.split.capitalize()} clip {clip.index}**")
    first = _answer(duel.first, clip.first, clip.first_probability, truth=clip.label)
    second = _answer(duel.second, clip.second, clip.second_probability, truth=clip.label)
    st.markdown(f"{first}  \n{second}")
    if st.button("Open", key=f"open-{clip.label}-{clip.index}", icon=":material/play_circle:"):
        split = cast("Split", duel.split)
        page.open_clip(ClipChoice.of_test(clip.label, clip.index, split=split))


def _answer(side: Side, answer: int, probability: float, *, truth: int) -> str:
    mark = "✓ right" if answer == truth else "✗ wrong"
    return f"{side.name} gives {percent(probability)} to {OPPOSITES_LABELS[answer]}: {mark}"
