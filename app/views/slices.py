"""In which slices of the clips does a network err most? Found by factors, chosen, and saved."""

from typing import Any

import pandas as pd
import streamlit as st

from app import elements
from app.elements import markdown
from app.server import login
from app.views import slice_factors
from app.views.errors import show_clips
from app.views.recorded import Recorded
from maagn.data.measure import UNITS
from maagn.errors import MaagnError, SliceError
from maagn.evaluate.predictions import Predictions
from maagn.evaluate.slices import (
    NOT_FACTORS,
    Condition,
    Slice,
    SliceRate,
    least_clips,
    rate,
    worst_slices,
)
from maagn.figures.mistakes import Interval, slice_rates
from maagn.notes.book import Book

_SHOWN = 12
_ALL = "All clips"
_FEW = 8  # a number with no more values than this is chosen by value
_STEPS = 100  # of a slider


def show(results: Recorded, predictions: Predictions) -> None:
    """The worst slices, one of the visitor's own, and those that were saved."""
    factors = slice_factors.of_clips(results, predictions)
    errors = predictions.answer != predictions.truth
    found = worst_slices(errors, factors)[:_SHOWN]
    if found:
        _worst(results, predictions, found)
    else:
        st.info(
            f"No slice has {least_clips(len(errors))} clips or more inside and outside of it: "
            "there is nothing to rank."
        )
    _own(results, predictions, factors, found)


def _worst(results: Recorded, predictions: Predictions, found: list[SliceRate]) -> None:
    network = results.kind(predictions.model) or predictions.model
    elements.figure(
        slice_rates([_interval(one) for one in found], network=network, what="misclassified"),
        key="slices",
        title="The worst slices, of one factor and of two",
        alt="Error rate of each slice with its 95 % interval, beside that of all other clips",
        table=_slice_table(found),
    )
    st.caption(
        "Ranked by how far the lower end of a slice's interval lies above the other clips' rate. "
        "q corrects p for the many slices that were looked at (Benjamini and Hochberg): under 0.05 "
        f"is hardly chance. A slice has {least_clips(len(predictions))} clips at least."
    )
    elements.table(_slice_table(found), key="slice-table", title="The same in numbers")


def _own(
    results: Recorded, predictions: Predictions, factors: pd.DataFrame, found: list[SliceRate]
) -> None:
    st.subheader("A slice of your own", anchor=False)
    book = Book.open(owner=login.owner())
    try:
        queries = {f"Saved: {one.name}": Slice.from_json(one.query) for one in book.slices()}
        saved = {name: query for name, query in queries.items() if _fits(query, factors)}
    except MaagnError as error:
        elements.show(error)
        saved = {}
    ready = {str(one.slice): one.slice for one in found} | saved
    start = st.selectbox("Begin with", [_ALL, *ready], key="slice")
    query = _refined(ready.get(start, Slice()), factors)
    if not query.conditions:
        st.info("Choose a slice above, or a factor.")
        return
    one = rate(predictions.answer != predictions.truth, factors, query)
    st.markdown(
        f"**{markdown(str(query))}**: {100 * one.inside.value:.1f} % wrong of {one.inside.trials} "
        f"clips, beside {100 * one.outside.value:.1f} % of the other "
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
                elements.show(error)
    rows = (query.rows(factors) & (predictions.answer != predictions.truth)).nonzero()[0]
    show_clips(results, predictions, rows, title="Wrong clips of the slice", key="slice")


def _fits(query: Slice, factors: pd.DataFrame) -> bool:
    """Whether a saved slice is of these clips' factors; others are of other clips."""
    try:
        query.rows(factors)
    except SliceError:
        return False
    return True


def _refined(query: Slice, factors: pd.DataFrame) -> Slice:
    """Draw the widgets of one more condition; returns the refined query."""
    names = [
        str(name) for name in factors if name not in NOT_FACTORS and factors[name].nunique() > 1
    ]
    factor: str = st.selectbox("And where", ["nothing more", *names], key="slice_factor")
    if factor == "nothing more":
        return query
    column = factors[factor]
    if _ranged(column):
        numbers = column.astype("float64")
        least, most = float(numbers.min()), float(numbers.max())
        low, high = st.slider(
            _with_unit(factor), least, most, value=(least, most), step=(most - least) / _STEPS,
            format="%.3g", key=f"slice-{factor}",
        )  # fmt: skip
        below, above = low if low > least else None, high if high < most else None
        if low >= high or (below is None and above is None):
            return query
        return Slice((*query.conditions, Condition(factor, low=below, high=above)))
    known = sorted(
        {one.item() if hasattr(one, "item") else one for one in column.dropna().unique()}, key=str
    )
    values = st.multiselect(_with_unit(factor), known, key=f"slice-{factor}")
    return Slice((*query.conditions, Condition(factor, tuple(values)))) if values else query


def _ranged(column: "pd.Series[Any]") -> bool:
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    return numeric and column.nunique() > _FEW


def _with_unit(factor: str) -> str:
    return markdown(f"{factor} ({UNITS[factor]})" if factor in UNITS else factor)


def _interval(slice_rate: SliceRate) -> Interval:
    inside = slice_rate.inside
    return Interval(
        str(slice_rate.slice),
        inside.value,
        inside.low,
        inside.high,
        slice_rate.outside.value,
        inside.trials,
    )


def _slice_table(found: list[SliceRate]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "slice": str(one.slice),
            "clips": one.inside.trials,
            "wrong": f"{100 * one.inside.value:.1f} %",
            "95 % interval": f"{100 * one.inside.low:.1f} to {100 * one.inside.high:.1f} %",
            "other clips": f"{100 * one.outside.value:.1f} %",
            "p": f"{one.p:.2g}",
            "q": f"{one.q:.2g}",
        }
        for one in found
    )
