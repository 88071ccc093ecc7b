"""The clips of the tour as they are shown: without any network's view, and side by side."""

from dataclasses import replace

import numpy as np
import streamlit as st

from app import elements
from app.components.player import PlayerView
from app.elements import markdown
from app.predictions import Answer
from app.views.stage import player_view


def bare(answer: Answer, *, title: str = "The tour's clip") -> PlayerView:
    """A clip alone, by itself under a name that does not tell the action."""
    return replace(player_view(answer, charts=()), title=title, overlays=())


def turned(view: PlayerView) -> PlayerView:
    """The same frames, last first."""
    return replace(
        view,
        title="The same frames, last first",
        note=f"backwards; {view.note}",
        moment=0,
        opening=0,
        why="",
        arrows=None,
        film=None,
        frames=np.ascontiguousarray(view.frames[::-1]),
        positions=np.ascontiguousarray(view.positions[::-1]),
    )


def side_by_side(views: dict[str, PlayerView]) -> None:
    """Two clips, without rulers, each under its name.

    Args:
        views: by key, which is the page's; the name is the view's title.
    """
    for column, (key, view) in zip(st.columns(2, gap="medium"), views.items(), strict=True):
        with column:
            st.markdown(f"**{markdown(view.title)}**")
            elements.player(replace(view, rails=()), key=key)
