"""Widgets in, values out: what a visitor chooses."""

import argparse
import sys
from pathlib import Path

import streamlit as st

from app import cache, session, uploads
from app.gallery.catalogue import clip_named, gallery
from app.picker import show_picker
from app.selection import ClipChoice, Question
from maagn import checkpoint
from maagn.explain.cam import METHODS, layers

ORDER = ("maagn", "tpn", "tsm", "tsn")
_GALLERY_HEIGHT = 360  # so that what follows it is on the first screen
_OWN = "The first model's answer"
_LAYER = "backbone.res4"


def models() -> tuple[str, ...]:
    """Demonstration models that there are, MAAGN first."""
    there = checkpoint.available()
    return tuple(f"{arch}-demo" for arch in ORDER if f"{arch}-demo" in there)


def clip_on_command_line() -> ClipChoice | None:
    """The clip that the app was started with (`make app CLIP=...`)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clip", type=Path)
    path = parser.parse_known_args(sys.argv[1:])[0].clip
    return None if path is None else ClipChoice.of(path)


def choose_clip() -> ClipChoice | None:
    """Sidebar: upload a clip, or pick one of the gallery; the last act counts."""
    with st.sidebar:
        st.subheader("Clip")
        given = st.file_uploader(
            "Your own clip",
            type=uploads.KINDS,
            max_upload_size=uploads.MEGABYTES,
            key="upload",
            on_change=_uploaded,
        )
        now = session.chosen_clip() or _first(given is not None)
        st.caption("Or one of the gallery: first and last frame, opposites side by side")
        with st.container(height=_GALLERY_HEIGHT, border=False):
            picked = show_picker(gallery(), chosen=now.path.name if now else None, key="gallery")
        clip = clip_named(picked)
        if clip is not None and (now is None or clip.name != now.path.name):
            now = clip.choice()
            session.choose_clip(now)
            session.put_clip_in_link(clip.name)
            st.rerun()
    return now


def choose_question(clip: ClipChoice) -> Question:
    """Sidebar: which class the maps are about, and how they are made."""
    names = models()
    with st.sidebar:
        st.subheader("Maps")
        first = cache.model(names[0])
        target = st.selectbox("Class to explain", [_OWN, *first.labels], key="target")
        method = st.selectbox("Method", list(METHODS), key="method")
        known = layers(first)
        layer = st.selectbox(
            "Layer",
            list(known),
            index=list(known).index(_LAYER),
            format_func=known.__getitem__,
            key="layer",
            help="Networks without that path show the same stage of their backbone.",
        )
    return Question(clip, names, None if target == _OWN else target, method, layer)


def _first(uploaded: bool) -> ClipChoice | None:
    """Before any choice: what the link asks for, the command line, or the gallery's first clip."""
    if uploaded:
        return None
    linked = clip_named(session.clip_in_link())
    if linked is not None:
        return linked.choice()
    return clip_on_command_line() or next((clip.choice() for clip in gallery()), None)


def _uploaded() -> None:
    file = st.session_state["upload"]
    if file is not None:
        session.choose_clip(uploads.store(file, name=file.name, folder=session.upload_folder()))
        session.put_clip_in_link(None)
