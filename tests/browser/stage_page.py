"""A small Streamlit script around a wide clip and a tall one: what tests of the stage see."""

import tempfile
from pathlib import Path

import numpy as np
import streamlit as st

from app.components.player import Arrows, Overlay, PlayerView, show_player
from maagn.types import Crop
from maagn.video.encode import write_mp4

WIDE, HIGH = 96, 64
CROP = Crop(16.0, 0.0, 64.0, 64.0)
SECONDS = np.array([0.25, 0.75, 1.25])
OPENING = 2
_RANDOM = np.random.default_rng(0)
DARK, BRIGHT = 8, 247


def frames() -> np.ndarray:
    """A dark one, a bright one and a busy one."""
    busy = _RANDOM.integers(0, 256, (HIGH // 4, WIDE // 4, 3), dtype=np.uint8)
    flat = [np.full((HIGH, WIDE, 3), shade, np.uint8) for shade in (DARK, BRIGHT)]
    return np.stack([*flat, busy.repeat(4, axis=0).repeat(4, axis=1)])


def film() -> bytes:
    """Red from the first frame to the last, unlike every sampled frame."""
    red = np.broadcast_to(np.array([220, 20, 20], np.uint8), (40, HIGH, WIDE, 3))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        write_mp4(path, red, seconds=np.arange(40) / 20, keyframe_every=15, most_bytes=100_000)
        return path.read_bytes()


def wide() -> PlayerView:
    """The networks see the middle; the map is at the top of its scale in one corner of it."""
    maps = np.zeros((3, 2, 2), np.float32)
    maps[:, 0, 0] = 1
    flow = np.zeros((2, 2, 2, 2), np.float32)
    flow[0, 0, 0] = (5, 0)
    return PlayerView(
        "wide.mp4", SECONDS, np.array([5, 15, 25]), 2.0, frames(),
        overlays=(
            Overlay("MAAGN", "MAAGN", "gives 61 %", maps, SECONDS, 1.0),
            Overlay("TSM", "TSM", "gives 20 %", maps[:, ::-1].copy(), SECONDS, 1.0),
        ),
        moment=OPENING, opening=OPENING, why="Opens where most moves.", crop=CROP,
        arrows=Arrows(flow, "pixels per second"), film=film,
    )  # fmt: skip


def tall() -> PlayerView:
    """As a phone films."""
    pictures = np.full((3, 160, 90, 3), 90, np.uint8)
    crop = Crop(5.0, 40.0, 80.0, 80.0)
    return PlayerView("tall.mp4", SECONDS, np.arange(3), 2.0, pictures, crop=crop)


st.set_page_config(layout="wide")
st.session_state.runs = st.session_state.get("runs", 0) + 1
show_player(wide(), key="player")
show_player(tall(), key="tall")
st.text(f"runs {st.session_state.runs}")
