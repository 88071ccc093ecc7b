"""The synchronised clip player: frames, class activation maps and charts that share one moment.

Everything after the first drawing happens in the browser: no step, drag or slider runs Python.
"""

import streamlit as st

from app.components.player.bundle import css, html, javascript
from app.components.player.payload import to_json
from app.components.player.view import Mark, Overlay, PlayerView, Rail, Series, TimeChart

__all__ = ["Mark", "Overlay", "PlayerView", "Rail", "Series", "TimeChart", "show_player"]


_mount = st.components.v2.component("maagn_player", html=html(), css=css(), js=javascript())


def show_player(view: PlayerView, *, key: str) -> None:
    """Draw the player; nothing that is done in it runs the script again.

    Args:
        view: what to draw. A view with the same times keeps moment, opacity, speed and scale.
        key: unique on the page; also where the browser remembers those settings. The address
            follows the moment of the one called `player`, where it can name the clip.
    """
    _mount(data=to_json(view, key=key, linked=key == "player" and view.in_address), key=key)
