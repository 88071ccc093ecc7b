"""What went wrong, in place, in two short sentences."""

import logging

import streamlit as st

from maagn.errors import MaagnError


def show(error: BaseException) -> None:
    """A named error as it is; anything else is a fault of ours, and is logged in full."""
    if isinstance(error, MaagnError):
        st.error(_escape(str(error)), icon=":material/error:")
        return
    logging.getLogger(__name__).error("an answer failed", exc_info=error)
    st.error(
        "Something in the explorer itself failed. Try another clip; the log has the details.",
        icon=":material/error:",
    )


def _escape(text: str) -> str:
    """File names are people's own: none of their letters is Markdown here."""
    return "".join("\\" + c if c in "\\`*_{}[]()<>#+-.!|$~:" else c for c in text)
