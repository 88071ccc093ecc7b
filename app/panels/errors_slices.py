"""In which clips does a network err most? Slices by factor, found and built."""

import pandas as pd
import streamlit as st

from app import cache, exhibit, login
from app.literal import markdown
from app.panels import errors_clips, failure
from maagn.errors import MaagnError
from maagn.evaluate.predictions import Answers
from maagn.evaluate.slices import (
    NOT_FACTORS,
    Condition,
    Slice,
    SliceRate,
    clips_of,
    factor_table,
    rate,
    worst_slices,
)
from maagn.figures.layout import percent
from maagn.figures.mistakes import Interval, slice_rates
from maagn.notes.book import Book

_SHOWN = 12
_ALL = "All clips"


def show(answers: Answers) -> None:
    """The worst slices, one of the visitor's own, and those that were saved."""
    factors = _factors(answers)
    errors = answers.answer != answers.truth
    found = worst_slices(errors, factors)[:_SHOWN]
    network = cache.card(answers.model).spec.arch.upper()
    exhibit.figure(
        slice_rates([_interval(one) for one in found], network=network, what="answered wrongly"),
        key="slices",
        title="The worst slices, of one factor and of two",
        alt="Error rate of each slice with its 95 % interval, beside that of all other clips",
        table=_table(found),
    )
    st.caption(
        "Ranked by how far the lower end of a slice's interval lies above the other clips' rate. "
        "q corrects p for the many slices that were looked at (Benjamini and Hochberg): under 0.05 "
        "is hardly chance."
    )
    exhibit.table(_table(found), key="slice-table", title="The same in numbers")
    _own(answers, factors, found)


def _own(answers: Answers, factors: pd.DataFrame, found: list[SliceRate]) -> None:
    st.subheader("A slice of your own", anchor=False)
    book = Book.open(owner=login.owner())
    try:
        saved = {f"Saved: {one.name}": Slice.from_json(one.query) for one in book.slices()}
    except MaagnError as error:
        failure.show(error)
        saved = {}
    ready = {str(one.slice): one.slice for one in found} | saved
    start = st.selectbox("Begin with", [_ALL, *ready], key="slice")
    query = _refined(ready.get(start, Slice()), factors)
    if not query.conditions:
        st.info("Choose a slice above, or a factor.")
        return
    one = rate(answers.answer != answers.truth, factors, query)
    st.markdown(
        f"**{markdown(str(query))}**: {percent(one.inside.value)} wrong of {one.inside.trials} "
        f"clips, beside {percent(one.outside.value)} of the other "
        f"{one.outside.trials} (p = {one.p:.2g})."
    )
    with st.form("save-slice", border=True):
        name = st.text_input("Name")
        guess = st.text_area("Why is it hard? Your hypothesis", height=80)
        if st.form_submit_button("Save the slice"):
            try:
                book.save_slice(name, query.as_json(), hypothesis=guess)
                st.success(f"Saved as {markdown(name)}.")
            except MaagnError as error:
                failure.show(error)
    rows = (query.rows(factors) & (answers.answer != answers.truth)).nonzero()[0]
    errors_clips.show(answers, rows, title="Wrong clips of the slice", key="slice")


def _refined(query: Slice, factors: pd.DataFrame) -> Slice:
    """One more condition, by widgets."""
    names = [str(name) for name in factors if name not in NOT_FACTORS]
    factor: str = st.selectbox("And where", ["nothing more", *names], key="slice_factor")
    if factor == "nothing more":
        return query
    column = factors[factor]
    if pd.api.types.is_numeric_dtype(column) and column.nunique() > 8:
        span = (float(column.min()), float(column.max()))
        low, high = st.slider(factor, *span, value=span, key=f"slice-{factor}")
        high = high if high < span[1] else high + 1e-9
        if low >= high:
            return query
        return Slice((*query.conditions, Condition(factor, low=low, high=high)))
    known = sorted(
        {one.item() if hasattr(one, "item") else one for one in column.unique()}, key=str
    )
    values = st.multiselect(factor, known, key=f"slice-{factor}")
    return Slice((*query.conditions, Condition(factor, tuple(values)))) if values else query


def _factors(answers: Answers) -> pd.DataFrame:
    """The clips' factors in the order of the answers; those that are not kept are worked out."""
    keys = pd.DataFrame({"split": answers.split, "clip": answers.clip, "label": answers.truth})
    kept = cache.factors()
    found = keys.merge(kept, on=["split", "clip", "label"], how="left", validate="1:1")
    return found if found["name"].notna().all() else factor_table(clips_of(answers))


def _interval(one: SliceRate) -> Interval:
    inside = one.inside
    return Interval(
        str(one.slice), inside.value, inside.low, inside.high, one.outside.value, inside.trials
    )


def _table(found: list[SliceRate]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "slice": str(one.slice),
            "clips": one.inside.trials,
            "wrong": percent(one.inside.value),
            "interval": f"{percent(one.inside.low)} to {percent(one.inside.high)}",
            "other clips": percent(one.outside.value),
            "p": f"{one.p:.2g}",
            "q": f"{one.q:.2g}",
        }
        for one in found
    )
