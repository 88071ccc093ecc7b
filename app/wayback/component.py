"""Two things that happen in the browser alone: the address is kept, and gone back to.

Streamlit sends everybody who has logged in to the first page. The address stays in the tab's own
storage: it is never sent along, and nobody can send another's browser elsewhere by it.
"""

from pathlib import Path

import streamlit as st

_mount = st.components.v2.component(
    "maagn_wayback",
    html="<span></span>",
    js=(Path(__file__).parent / "wayback.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def keep() -> None:
    """Remember where this tab is."""
    _show("keep")


def go_back(*, bare: bool) -> None:
    """Go where this tab was before the login, once.

    Args:
        bare: whether the visitor came to the first page without a choice, as after a login; who
            came elsewhere stays there.
    """
    _show("go" if bare else "forget")


def _show(act: str) -> None:
    base = st.get_option("server.baseUrlPath").strip("/")
    with st.container(key="way-back"):  # hidden by style.css
        _mount(data={"act": act, "base": f"/{base}/" if base else "/"}, key=f"way-back-{act}")
