"""What can be taken away from a page: a report, and the lines for a notebook."""

import streamlit as st

from app.exhibit import Sheet
from app.handout import to_html


def offer(sheet: Sheet) -> None:
    """Two small buttons at the foot of the page."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        if sheet.code:
            with st.popover("Copy as Python", icon=":material/code:"):
                st.code(sheet.code, language="python")
        st.download_button(
            "Report as one HTML file",
            data=lambda: to_html(sheet),
            file_name="maagn-report.html",
            mime="text/html",
            on_click="ignore",
            icon=":material/download:",
            key="report",
        )
