"""Who is logged in, and the way out."""

import streamlit as st

from app import login
from app.literal import markdown


def show() -> None:
    """Nothing where nobody has to log in."""
    if not login.wanted():
        return
    person = login.person()
    if person is None:
        return
    st.subheader("You", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"Logged in as **{markdown(person.name)}**. Your notes, tags and saved slices are seen "
            "by you alone."
        )
        st.button("Log out", key="log-out", icon=":material/logout:", on_click=login.log_out)
