"""The confusion matrix: click a cell, see its clips."""

import streamlit as st

from app import exhibit, session
from app.panels import errors_clips
from maagn.evaluate.metrics import confusion
from maagn.evaluate.predictions import Answers, rows_of
from maagn.figures.mistakes import confusion_matrix
from maagn.opposites.clip import OPPOSITES_LABELS


def show(answers: Answers) -> None:
    """All classes against all answers; the clips of the cell that was clicked."""
    counts = confusion(answers)
    cell = session.cell(len(counts))
    state = exhibit.figure(
        confusion_matrix(counts, OPPOSITES_LABELS, chosen=cell),
        key="confusion",
        title="True class against answer: click a square",
        alt="A square a cell of the confusion matrix, darker for more clips; rows are true classes",
        arrays={"confusion": counts},
        on_select="rerun",
        selection_mode="points",
    )
    points = state.selection.points if state is not None else []
    if points:
        given = points[0]["customdata"]  # Streamlit gives an array as a mapping of its places
        true, answered, _ = map(int, given.values() if isinstance(given, dict) else given)
        if session.changed("cell-click", (true, answered)) and (true, answered) != cell:
            session.put_cell((true, answered))
            st.rerun()
    if cell is None:
        st.info("Click a square: its clips appear here.")
        return
    true, answered = cell
    errors_clips.show(
        answers,
        rows_of(answers, true, answered),
        title=f"{OPPOSITES_LABELS[true]}, answered {OPPOSITES_LABELS[answered]}",
        key=f"cell-{true}-{answered}",
    )
