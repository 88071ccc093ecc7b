"""A small Streamlit script around one camera: what the camera's browser tests look at."""

import tempfile
import time
from pathlib import Path

import streamlit as st

from app.components.camera import show_camera
from app.errors import UploadError


def draw_camera() -> None:
    """The camera, and a file for each recording that it gives."""
    label = "Closing a box" if st.session_state.get("other") else "Opening a box"
    try:
        recording = show_camera(key="camera", label=label, seconds=2.0)
    except UploadError as error:
        st.error(str(error))
        return
    if recording is not None:
        path = Path(st.session_state.folder.name, recording.name)
        path.write_bytes(recording.content)
        st.session_state.kept.append(path)


if "kept" not in st.session_state:
    st.session_state.kept = []
    st.session_state.folder = tempfile.TemporaryDirectory(prefix="maagn-recording-")
st.session_state.runs = st.session_state.get("runs", 0) + 1
above = st.container()
st.button("Run again")
st.checkbox("The opposite", key="other")
if st.checkbox("Slow"):
    for _ in range(20):
        time.sleep(0.1)
        st.empty()
if not st.checkbox("Put the camera away"):
    draw_camera()
for path in st.session_state.kept:
    above.text(path)
st.text(f"runs {st.session_state.runs}")
