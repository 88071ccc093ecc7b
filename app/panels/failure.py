"""What went wrong, in place, in two short sentences."""

import logging

import streamlit as st

from app.literal import markdown
from maagn.errors import MaagnError


def show(error: BaseException) -> None:
    """A named error as it is; anything else is a fault of ours, and is logged in full."""
    if isinstance(error, MaagnError):
        st.error(markdown(str(error)), icon=":material/error:")
        return
    logging.getLogger(__name__).error("an answer failed", exc_info=error)
    st.error(
        "Something in the explorer itself failed. Try another clip; the log has the details.",
        icon=":material/error:",
    )
