"""The views of the evidence: one at a time, so that only what is looked at is worked out."""

from typing import cast

import streamlit as st

from app import exhibit
from app.answer import Answer
from app.panels import (
    evidence_faithful,
    evidence_maps,
    evidence_motion,
    evidence_notebook,
    evidence_row,
    notebook,
)
from app.selection import Selection
from app.work import worked_out
from maagn.explain.faithfulness import Unit

VIEWS = ("Map", "A minus B", "Is it faithful?", "Motion", "Figure 7")
UNITS = ("cells", "frames")


def show(view: str, answer: Answer, here: Selection) -> None:
    """Draw one of `VIEWS`."""
    if view == "A minus B":
        _contrast(answer, here)
    elif view == "Is it faithful?":
        _faithful(answer, here)
    elif view == "Motion":
        key = ("motion", answer.question.clip)
        flow = worked_out(key, lambda _: evidence_motion.worked(answer))
        if flow is not None:
            evidence_motion.show(answer, flow)
            exhibit.python(evidence_notebook.motion(answer))
    elif view == "Figure 7":
        if evidence_row.show(answer):
            exhibit.python(evidence_notebook.row(answer))
    else:
        evidence_maps.show(answer, moment=here.moment)
        exhibit.python(notebook.explain(answer))


def _contrast(answer: Answer, here: Selection) -> None:
    other = evidence_maps.other_class(answer)
    key = ("contrast", here.question, other)
    found = worked_out(key, lambda job: evidence_maps.contrast(answer, other, job))
    if found is not None:
        signed, alike = found
        evidence_maps.show_contrast(signed, alike, other, here.question, moment=here.moment)
        exhibit.python(evidence_notebook.against(answer, other))


def _faithful(answer: Answer, here: Selection) -> None:
    unit = st.segmented_control(
        "Delete", UNITS, default="cells", required=True, key="unit", bind="query-params"
    )
    chosen = cast("Unit", unit)
    key = ("faithful", here.question, chosen)
    found = worked_out(key, lambda job: evidence_faithful.tested_all(answer, chosen, job))
    if found is not None:
        evidence_faithful.show(answer, found, moment=here.moment)
        exhibit.python(evidence_notebook.faithful(answer, chosen))
