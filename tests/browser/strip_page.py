"""A small Streamlit script around one film strip: what the strip's browser tests look at."""

import numpy as np
import streamlit as st

from app.components.filmstrip import Strip, show_strip
from maagn.section import Section
from maagn.video.overview import Overview

LENGTH, PER_SECOND = 60.0, 25.0
CUTS = (20.0, 45.5)


def overview() -> Overview:
    """A minute that brightens, with two cuts, in which most moves at its middle."""
    pictures = np.repeat(np.arange(60, dtype=np.uint8)[:, None, None, None] * 4, 27, axis=1)
    pictures = np.broadcast_to(pictures, (60, 27, 48, 3)).copy()
    times = np.arange(1, 1500) / PER_SECOND
    motion = np.exp(-((times - 30) ** 2) / 20)
    return Overview(LENGTH, PER_SECOND, pictures, np.arange(60.0), motion, times, CUTS)


def keep(section: Section) -> None:
    """Take what was chosen, as the explorer does."""
    st.session_state.section = section


st.session_state.runs = st.session_state.get("runs", 0) + 1
section = st.session_state.setdefault("section", Section(28.0, 32.0))
if st.button("Elsewhere"):
    section = st.session_state.section = Section(50.0, 55.0)
show_strip(Strip("film", overview(), section, 0.32, "8 frames"), key="strip", on_change=keep)
st.text(f"from {section.start:.3f} to {section.end:.3f} in run {st.session_state.runs}")
