"""The synchronised clip player: frames, class activation maps and charts that share one moment.

Everything after the first drawing happens in the browser: no step, drag or slider runs Python.
"""

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.runtime import get_instance

from app import session
from app.components.player.bundle import css, html, javascript
from app.components.player.payload import to_json
from app.components.player.view import (
    Arrows,
    Mark,
    Overlay,
    PlayerView,
    Rail,
    Series,
    TimeChart,
)
from maagn.errors import MaagnError

__all__ = ["Arrows", "Mark", "Overlay", "PlayerView", "Rail", "Series", "TimeChart", "show_player"]

_mount = st.components.v2.component("maagn_player", html=html(), css=css(), js=javascript())


def show_player(view: PlayerView, *, key: str) -> None:
    """Draw the player; nothing that is done in it runs the script again but the first play.

    Whoever plays a clip gets the film of all its frames, which is made then, for this player alone.

    Args:
        view: what to draw. A view with the same times keeps moment, opacity, speed and scale.
        key: unique on the page; also where the browser remembers those settings. The address
            follows the moment of the one called `player`, where it can name the clip.
    """
    _drawn(view, key)


@st.fragment
def _drawn(view: PlayerView, key: str) -> None:
    clip = f"{view.title}, {view.duration:g} s"
    film = ""
    if view.film is not None and session.is_played(clip):
        film = _address(view.film, key)
    _mount(
        data=to_json(view, key=key, linked=key == "player" and view.in_address, film=film),
        key=key,
        on_played_change=partial(session.play, clip),
    )


def _address(make: Callable[[], bytes], key: str) -> str:
    """Where the browser finds the film, relative to the page; "" where none can be made."""
    try:
        content = make()
    except MaagnError:
        return ""  # the sampled frames are played instead
    return get_instance().media_file_mgr.add(content, "video/mp4", key).lstrip("/")
