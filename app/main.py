"""The app's entrypoint: `streamlit run app/main.py` from the root of the project."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
if str(ROOT) not in sys.path:  # Streamlit puts app/ there, not the folder above it
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from app import imports  # noqa: E402

imports.FIRST.wait()

from app import closed, page  # noqa: E402

closed.close()  # for those who started Streamlit by itself

st.set_page_config(
    page_title="MAAGN Explorer", page_icon=ROOT / "app" / "favicon.png", layout="wide"
)
st.html(ROOT / "app" / "style.css")
chosen = st.navigation(page.PAGES, position="top")
if chosen != page.PAGES[0]:
    imports.REST.wait()
try:
    chosen.run()
finally:
    imports.REST.begin()
