"""What stands where networks have no results: that there are none, and what makes them."""

import shlex
from collections.abc import Sequence

import streamlit as st

from app import cache, page
from app.literal import markdown
from maagn.opposites.clip import OPPOSITES_LABELS


def show(names: Sequence[str], *, beside: Sequence[str] = ()) -> None:
    """In place of results.

    Args:
        names: networks that know the same classes, none of them with results.
        beside: others of their group, of which there are results.
    """
    listed = markdown(", ".join(names))
    if beside:
        st.caption(f"There are results of {markdown(', '.join(beside))}.")
    if cache.card(names[0]).labels == OPPOSITES_LABELS:
        st.info(
            f"There are no results of **{listed}** yet, and those of other networks are not shown "
            "in their place. These networks know the benchmark's classes: Settings asks them about "
            "its clips.",
            icon=":material/rule:",
        )
        _settings()
        return
    st.info(
        f"There are no results of **{listed}**, and those of other networks are not shown in their "
        "place. This page is about the rendered benchmark, whose classes are others. On videos of "
        "their own classes, from a folder or a list, the command line counts how often they are "
        "right:",
        icon=":material/rule:",
    )
    st.code(command(names), language="bash", wrap_lines=True)


def missing(names: Sequence[str]) -> None:
    """Beside the results of other networks of the same group: these have none on the same clips."""
    if names:
        st.caption(f"Not asked about these clips yet: {markdown(', '.join(names))}.")
        _settings()


def command(names: Sequence[str]) -> str:
    """What evaluates networks on videos of their own classes."""
    models = " ".join(f"--model {shlex.quote(name)}" for name in names)
    return f"maagn evaluate {models} --data PATH/TO/VIDEOS --split val --out runs/MY-RESULTS"


def _settings() -> None:
    there = page.named("settings")
    st.page_link(there, label="Run an evaluation in Settings", icon=there.icon)
