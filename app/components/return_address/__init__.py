"""The address that somebody came with, kept in their browser while they log in.

Streamlit sends everybody who has logged in to the first page. The address stays in the tab's own
storage: it is never sent along, and nobody can send another's browser elsewhere by it.
"""

from pathlib import Path

import streamlit as st

__all__ = ["forget", "go_back", "keep"]


_mount = st.components.v2.component(
    "maagn_return_address",
    html="<span></span>",
    js=(Path(__file__).parent / "return_address.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def keep() -> None:
    """Store this tab's address in the browser, to return to it after the login."""
    _show("keep")


def forget() -> None:
    """Delete the stored address: the visitor has returned."""
    _show("forget")


def go_back() -> bool:
    """Go where this tab was before the login; whether there is nowhere to go, once that is known.

    Until then nothing else needs to be drawn: the page is left, or the script runs again.
    """
    return _show("go")


def _show(act: str) -> bool:
    base = st.get_option("server.baseUrlPath").strip("/")
    data = {"act": act, "base": f"/{base}/" if base else "/"}
    with st.container(key="way-back"):  # hidden by style.css
        heard = _mount(data=data, key=f"way-back-{act}", on_stays_change=lambda: None)
    return bool(heard.stays)
