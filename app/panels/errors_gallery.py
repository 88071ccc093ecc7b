"""Every clip that a network names wrongly, surest error first."""

import numpy as np
import streamlit as st

from app import session
from app.panels import errors_clips
from maagn.evaluate.predictions import Answers, opposite_numbers, sureness
from maagn.opposites.clip import OPPOSITES_LABELS

_ALL = "all classes"


def show(answers: Answers) -> None:
    """Of all classes or one, all errors or the opposite alone."""
    left, right = st.columns(2)
    options = (_ALL, *OPPOSITES_LABELS)
    session.heed_link("wrong", options, what="class")
    name = left.selectbox("True class", options, key="wrong", bind="query-params")
    only = right.toggle("Answered with the opposite only", key="opposite", bind="query-params")
    wrong = answers.answer != answers.truth
    if only:
        wrong &= answers.answer == opposite_numbers()[answers.truth]
    if name != _ALL:
        wrong &= answers.truth == OPPOSITES_LABELS.index(name)
    rows = np.flatnonzero(wrong)
    rows = rows[np.argsort(-sureness(answers, rows), kind="stable")]
    errors_clips.show(answers, rows, title="Wrong answers, surest first", key="wrong")
