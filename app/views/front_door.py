"""What somebody sees who is not logged in: what this is, and a button."""

import base64
from pathlib import Path

import streamlit as st

from app import elements
from app.components import return_address
from app.elements import markdown
from app.server import login
from maagn.errors import MaagnError

# In the page itself: Streamlit's own pictures have no alternative text.
_ICON = base64.b64encode((Path(__file__).parents[1] / "favicon.png").read_bytes()).decode()


def show() -> None:
    """The whole page; no clip, no network and no choice is looked at for it."""
    _, middle, _ = st.columns([1, 2, 1])
    with middle, st.container(border=True, key="front-door"):
        st.html(f'<img src="data:image/png;base64,{_ICON}" alt="" width="56">')
        st.header("MAAGN Explorer", anchor=False)
        st.markdown(
            "See how a video network tells opposite actions apart: opening from closing, left to "
            "right from right to left."
        )
        try:
            _buttons(login.providers())
            login.person()  # who is logged in and stands here all the same is told why
        except MaagnError as error:
            elements.show(error)
        st.caption("Only you can see the notes you make here.")
    return_address.keep()


def _buttons(providers: tuple[str, ...]) -> None:
    """One for each provider; with one there is nothing to choose."""
    for name in providers:
        label = f"Log in with {markdown(name)}" if len(providers) > 1 and name else "Log in"
        if st.button(label, key=f"log-in-{name}", type="primary", icon=":material/login:"):
            login.log_in(name)
