"""Widgets in, values out: what a visitor chooses, on every page the same."""

import streamlit as st

from app import cache, command_line, session, shelf, uploads
from app.gallery.catalogue import FIRST, clip_named, gallery
from app.gallery.search import search
from app.networks import groups
from app.picker import show_picker
from app.selection import ClipChoice, Question, Selection
from app.uploads import UploadError
from maagn.checkpoint import Card
from maagn.explain.cam import FIRST_LAYER, METHODS, layers

_GALLERY_HEIGHT = 360  # so that what follows it is on the first screen
_OWN = "The first model's answer"


def files_on_command_line() -> tuple[ClipChoice, ...]:
    """The clips that the app was started with, as they lie there now."""
    return tuple(ClipChoice.of(path) for path in command_line.found()[0])


def choose() -> Selection | None:
    """Sidebar: the clip, the class that is explained, and how; None where no clip is chosen."""
    session.hold("networks", "class", "method", "layer", "path", "q", "who")
    with st.sidebar:
        clip = _choose_clip()
        if clip is None:
            return None
        return _choose_maps(clip)


def _choose_clip() -> ClipChoice | None:
    st.subheader("Clip")
    given = st.file_uploader(
        "Your own clips",
        type=uploads.KINDS,
        accept_multiple_files=True,
        max_upload_size=uploads.MEGABYTES,
        key="upload",
        on_change=_uploaded,
    )
    now = _linked() or session.chosen_clip() or (None if given else _first())
    now = _own_clips(now)
    st.caption("Or one of the gallery: first and last frame, opposites side by side")
    shown = search(gallery())
    with st.container(height=_GALLERY_HEIGHT, border=False):
        picked = show_picker(shown, chosen=now.link if now else None, key="gallery")
    clip = clip_named(picked)
    if clip is not None and (now is None or clip.name != now.link):
        session.choose_clip(clip.choice())
        st.rerun()
    if now is not None:
        session.show_clip(now)
    return now


def _own_clips(now: ClipChoice | None) -> ClipChoice | None:
    """Where there are several files of the visitor's own: which of them."""
    told = command_line.found()[1]
    if told:
        st.caption(told)
    own = (*session.uploaded(), *files_on_command_line())
    if len(own) < 2:
        return now
    names = [f"{place + 1}. {clip.name}" for place, clip in enumerate(own)]
    place = own.index(now) if now in own else None
    picked = st.selectbox(
        "Of your own clips",
        names,
        index=place,
        placeholder="Choose one",
        key=f"own-{len(own)}-{session.turn('own')}",
    )
    chosen = own[names.index(picked)] if picked is not None else None
    picked_now = session.changed("own", chosen)
    return chosen if picked_now and chosen is not None else now


def _choose_maps(clip: ClipChoice) -> Selection:
    """Which class the maps are about, and how they are made."""
    names = _choose_networks()
    first = cache.card(names[0])
    st.subheader("Maps")
    classes = [_OWN, *first.labels]
    session.heed_link("class", classes, what="class")
    target = st.selectbox("Class to explain", classes, key="class", bind="query-params")
    path = _choose_path(first) if first.spec.arch == "maagn" else 0
    session.heed_link("method", list(METHODS), what="method")
    method = st.selectbox("Method", list(METHODS), key="method", bind="query-params")
    known = layers(first)
    words = list(known.values())
    session.heed_link("layer", words, what="layer", default=known[FIRST_LAYER])
    layer = st.selectbox(
        "Layer",
        words,
        index=list(known).index(FIRST_LAYER),
        key="layer",
        bind="query-params",
        help="Networks without that path show the same stage of their backbone.",
    )
    question = Question(
        clip,
        names,
        None if target == _OWN else target,
        method,
        list(known)[words.index(layer)],
        tuple(cache.card(name).digest for name in names),
    )
    return Selection(question, path, session.moment_in_link(first.spec.frames))


def _choose_networks() -> tuple[str, ...]:
    """Those of one group; asked for only where there are several."""
    there = groups()
    titles = list(there)
    session.heed_link("networks", titles, what="networks")
    if len(titles) == 1:
        return there[titles[0]]
    st.subheader("Networks")
    return there[st.selectbox("Those that know", titles, key="networks", bind="query-params")]


def _choose_path(first: Card) -> int:
    spec = first.spec
    rates = zip(spec.levels, spec.rates, strict=True)
    paths = [f"res{level}, rate {rate}" for level, rate in rates]
    session.heed_link("path", paths, what="path")
    path = st.segmented_control(
        "MAAGN's path", paths, default=paths[0], required=True, key="path", bind="query-params"
    )
    return paths.index(path or paths[0])


def _linked() -> ClipChoice | None:
    """The clip that the address asks for, if it is new."""
    asked = session.clip_asked_for()
    if asked is None:
        return None
    linked = clip_named(asked)
    found = linked.choice() if linked is not None else ClipChoice.of_link(asked)
    found = found or shelf.linked(asked)
    if found is None:
        session.note(f"The link asks for clip {asked[:80]!r}, which there is not.")
    return found


def _first() -> ClipChoice | None:
    """Before any choice: the command line's first, or the gallery's most telling clip."""
    given = files_on_command_line()
    if given:
        return given[0]
    telling = clip_named(FIRST)
    return telling.choice() if telling else next((c.choice() for c in gallery()), None)


def _uploaded() -> None:
    holder = session.holder()
    stored = {}
    for file in st.session_state["upload"]:
        try:
            stored[file.file_id] = uploads.ALL.store(file, name=file.name, holder=holder)
        except UploadError as error:
            session.note(str(error))
    before = session.uploaded()
    new = session.keep_uploaded(stored)
    left = session.uploaded()
    if new:
        session.next_turn("own")  # the list of them begins at the new one
        session.choose_clip(new[-1])
    elif session.chosen_clip() in before and session.chosen_clip() not in left:
        session.next_turn("own")
        other = left[-1] if left else _first()
        if other is not None:
            session.choose_clip(other)
