"""How the points of a map of clips are coloured: by class, by right and wrong, by a slice."""

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Bool

from app import cache, elements, session
from app.server import login
from app.views.recorded import Recorded
from app.work import worked_out
from maagn.errors import MaagnError
from maagn.evaluate.predictions import Predictions, pairs_of
from maagn.evaluate.slices import NOT_FACTORS, Condition, Slice, clips_of, factor_table
from maagn.figures.neighbours import FIRST, GREY, SECOND, Layer
from maagn.notes.book import Book

_CLASS, _RIGHT, _SLICE = "Class", "Right or wrong", "Slice"
_FEW = 8  # values of a number that are taken one by one


def layers(
    results: Recorded, predictions: Predictions, marked: Bool[np.ndarray, " n"]
) -> list[Layer]:
    """Draw the choice of colours; the layers of the map, marked clips on top."""
    # Only rendered clips have factors.
    ways = (_CLASS, _RIGHT) if results.of_files else (_CLASS, _RIGHT, _SLICE)
    left, right = st.columns([1, 2])
    session.heed_link("map", ways, what="colouring")
    way = left.segmented_control(
        "Colour by", ways, default=_CLASS, required=True, key="map", bind="query-params"
    )
    with right:
        if way == _RIGHT:
            found = _by_verdict(predictions)
        elif way == _SLICE and not results.of_files:
            found = _by_slice(predictions)
        else:
            found = _by_class(predictions, marked)
    diamonds = Layer("among its opposite's", np.flatnonzero(marked), GREY, "diamond-open", 5)
    return [layer for layer in (*found, diamonds) if len(layer.rows)]


def _by_class(predictions: Predictions, marked: Bool[np.ndarray, " n"]) -> list[Layer]:
    """A pair of opposites, or a class without one; first the pair with most marked clips."""
    truth, labels = predictions.truth, predictions.labels
    pairs = list(pairs_of(predictions.opposites))
    counts = np.bincount(truth[marked], minlength=len(labels))
    pairs.sort(key=lambda pair: -counts[list(pair)].sum())
    single = [(i,) for i in range(len(labels)) if predictions.opposites[i] < 0]
    named = {" ↔ ".join(labels[i] for i in classes): classes for classes in (*pairs, *single)}
    session.heed_link("map_pair", list(named), what="pair")
    chosen = named[st.selectbox("Classes", list(named), key="map_pair", bind="query-params")]
    others = Layer("other classes", np.flatnonzero(~np.isin(truth, chosen)))
    return [
        others,
        *(
            Layer(labels[number], np.flatnonzero(truth == number), colour)
            for number, colour in zip(chosen, (FIRST, SECOND), strict=False)
        ),
    ]


def _by_verdict(predictions: Predictions) -> list[Layer]:
    wrong = predictions.answer != predictions.truth
    return [
        Layer("✓ right", np.flatnonzero(~wrong), FIRST),
        Layer("✗ wrong", np.flatnonzero(wrong), SECOND, "x", 1),
    ]


def _by_slice(predictions: Predictions) -> list[Layer]:
    """A number by a scale of colours; one value of a factor, or a saved slice, against the rest."""
    key = ("factors", predictions.split, predictions.clip.tobytes())
    factors = worked_out(key, lambda _: _factors(predictions), height=80)
    if factors is None:
        return [Layer("all clips", np.arange(len(predictions)))]
    options: dict[str, Slice | None] = {}
    for name in (str(name) for name in factors if name not in NOT_FACTORS):
        column = factors[name]
        if pd.api.types.is_numeric_dtype(column) and column.nunique() > _FEW:
            options[name] = None
            continue
        for value in sorted(column.dropna().unique().tolist(), key=str):
            one = Slice((Condition(name, (value,)),))
            options[str(one)] = one
    options |= _saved()
    session.heed_link("map_slice", list(options), what="slice")
    name = st.selectbox("Slice or factor", list(options), key="map_slice", bind="query-params")
    chosen = options[name]
    if chosen is None:
        values = factors[name].to_numpy(np.float32)
        known = np.flatnonzero(np.isfinite(values))
        return [
            Layer("not known", np.flatnonzero(~np.isfinite(values))),
            Layer(name, known, FIRST, values=values[known]),
        ]
    inside = np.asarray(chosen.rows(factors), bool)
    return [
        Layer("other clips", np.flatnonzero(~inside)),
        Layer(name, np.flatnonzero(inside), FIRST),
    ]


def _saved() -> dict[str, Slice | None]:
    try:
        book = Book.open(owner=login.owner())
        return {f"Saved: {one.name}": Slice.from_json(one.query) for one in book.slices()}
    except MaagnError as error:
        elements.show(error)
        return {}


def _factors(predictions: Predictions) -> pd.DataFrame:
    """Rendered clips' factors in the order of the predictions; those not kept are worked out."""
    keys = pd.DataFrame(
        {"split": predictions.split, "clip": predictions.clip, "label": predictions.truth}
    )
    found = keys.merge(cache.factors(), on=["split", "clip", "label"], how="left", validate="1:1")
    return found if found["name"].notna().all() else factor_table(clips_of(predictions))
