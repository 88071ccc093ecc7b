"""Two networks on the same test clips, from the whole to single clips."""

import streamlit as st

from app import exhibit
from app.panels import (
    compare_calibration,
    compare_classes,
    compare_clips,
    compare_notebook,
    compare_overall,
    compare_pairs,
    recorded_notebook,
)
from app.panels.compare_choice import Duel
from app.recorded import Recorded


def show(duel: Duel, results: Recorded) -> None:
    """Draw all of it, from the answers on record: no network is run."""
    if duel.first.answers.model == duel.second.answers.model:
        st.info("These are the same network: choose another to compare it with.")
        return
    compare_overall.show(duel)
    compare_classes.show(duel)
    compare_clips.show(duel)
    compare_pairs.show(duel)
    compare_calibration.show(duel)
    names = duel.first.answers.model, duel.second.answers.model
    exhibit.python(
        compare_notebook.compare(duel)
        if results.shipped
        else recorded_notebook.compare(results, *names)
    )
