"""A number by which this browser is known again, in a cookie of its own.

Where nobody logs in, it says whose collections are shown after a reload. It is written when a
visitor begins to collect clips, and no sooner.
"""

from pathlib import Path

import streamlit as st

from app.session import BROWSER_COOKIE

__all__ = ["keep"]


_mount = st.components.v2.component(
    "maagn_browser_id",
    html="<span></span>",
    js=(Path(__file__).parent / "browser_id.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def keep(number: str) -> None:
    """Write the cookie; it lasts a year, and no other site is sent it."""
    with st.container(key="browser-id"):  # hidden by style.css
        _mount(data={"name": BROWSER_COOKIE, "number": number}, key="browser-id-cookie")
