"""A small Streamlit script around two players: what the player's browser tests look at."""

import numpy as np
import streamlit as st

from app.components.player import Overlay, PlayerView, Series, TimeChart, show_player

SECONDS = np.array([0.25, 0.75, 1.25, 1.75])
EVERY_SECOND = SECONDS[::2]
SIDE = 64


def view(headline: str) -> PlayerView:
    """Four flat frames; MAAGN with four maps, TSM with two of them, TSN with none that speaks."""
    frames = np.stack([np.full((SIDE, SIDE, 3), 40 + 50 * i, np.uint8) for i in range(4)])
    maps = np.zeros((4, 2, 2), np.float32)
    for i in range(4):
        maps[i, i // 2, i % 2] = 0.01 * (i + 1)
    overlays = (
        Overlay("MAAGN", "MAAGN", headline, maps, SECONDS, 0.04),
        Overlay("TSM", "TSM", "<img src=x onerror=alert(1)>", maps[:2], EVERY_SECOND, 0.02),
        Overlay("TSN", "TSN", "gives 3 %", np.zeros_like(maps), SECONDS, 0.0),
    )
    mask = Series("mask", "SDM", SECONDS, np.array([0.1, 0.2, 0.3, 0.4]), "bars")
    total = Series("sum", "MTAM", EVERY_SECOND, np.array([1.5, 2.5]))
    charts = (
        TimeChart("SDM mask", "weight, 0 to 1", 0, 1, (mask,), "every frame"),
        TimeChart("MTAM masks", "sum, 0 to 3", 0, 3, (total,), "every 2nd frame"),
    )
    positions = np.array([6, 18, 31, 43])
    return PlayerView("clip <b>one</b>.mp4", SECONDS, positions, 2.0, frames, "", overlays, charts)


st.session_state.runs = st.session_state.get("runs", 0) + 1
other = st.checkbox("Other class")
show_player(view("gives 12 % to Closing" if other else "gives 61 % to Opening"), key="first")
if not st.checkbox("One player"):
    show_player(view("gives 5 % to Pushing"), key="second")
st.text(f"runs {st.session_state.runs}")
