"""Opposites, most confused first, and one pair's table."""

import pandas as pd
import streamlit as st

from app import exhibit, session
from app.panels import errors_clips
from maagn.evaluate.metrics import PairConfusion, confused_pairs
from maagn.evaluate.predictions import Answers, rows_of
from maagn.figures.layout import percent
from maagn.opposites.clip import OPPOSITES_LABELS


def show(answers: Answers) -> None:
    """All pairs as rows; the 2 x 2 of the one that is chosen, and its clips."""
    found = confused_pairs(answers)
    exhibit.table(_table(found), key="pairs", title="Pairs, most confused first")
    st.caption(
        "Opposite: clips answered with the opposite class, with 95 % intervals. Preferred: the "
        "true class got a higher logit than its opposite, whatever was answered; 50 % is a coin."
    )
    names = [_name(pair) for pair in found]
    session.heed_link("pair", names, what="pair")
    name = st.selectbox("Pair", names, key="pair", bind="query-params")
    pair = found[names.index(name)]
    one, other = (OPPOSITES_LABELS[number] for number in pair.classes)
    rows = [
        {"true class": label, f"answered {one}": counts[0], f"answered {other}": counts[1],
         "answered otherwise": counts[2]}
        for label, counts in zip((one, other), pair.counts, strict=True)
    ]  # fmt: skip
    exhibit.table(pd.DataFrame(rows), key="two-by-two", title=name)
    st.markdown(
        f"**{pair.opposite.hits} of {pair.clips}** clips of the pair were answered with the "
        f"opposite ({percent(pair.opposite.value)})."
    )
    for true, answered in (pair.classes, pair.classes[::-1]):
        errors_clips.show(
            answers,
            rows_of(answers, true, answered),
            title=f"{OPPOSITES_LABELS[true]}, answered {OPPOSITES_LABELS[answered]}",
            key=f"pair-{true}",
        )


def _name(pair: PairConfusion) -> str:
    return " ↔ ".join(OPPOSITES_LABELS[number] for number in pair.classes)


def _table(found: list[PairConfusion]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "pair": _name(pair),
            "clips": pair.clips,
            "opposite": percent(pair.opposite.value),
            "interval": f"{percent(pair.opposite.low)} to {percent(pair.opposite.high)}",
            "preferred": percent(pair.preferred.value),
        }
        for pair in found
    )
