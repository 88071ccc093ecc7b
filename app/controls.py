"""Widgets in, values out: what a visitor chooses, on every page the same."""

from collections.abc import Sequence
from io import BytesIO

import streamlit as st

from app import cache, command_line, dataset_links, elements, left_out, runs, session, taught
from app.components.camera import show_camera
from app.components.picker import show_picker
from app.elements import markdown
from app.errors import UploadError
from app.gallery import film
from app.gallery.catalogue import FIRST, SOURCE, GalleryClip, clip_named, filmed, gallery
from app.networks import groups
from app.selection import ClipChoice, Question, Selection
from app.server import uploads
from maagn.checkpoint import CheckpointInfo
from maagn.explain.cam import FIRST_LAYER, METHODS, sources

_ALL = "All clips"


def search(clips: Sequence[GalleryClip]) -> list[GalleryClip]:
    """Draw the search widgets; returns the clips that match, all if nothing is set."""
    text = st.text_input(
        "Search", placeholder="Search class, object, colour ...", key="q", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    with st.popover("Filter", icon=":material/filter_list:", width="stretch"):
        networks = sorted({name for clip in clips for name in clip.right})
        options = [_ALL, *(f"{name} is {word}" for name in networks for word in ("right", "wrong"))]
        who = st.selectbox(
            "Predictions of the demonstration networks", options, key="who", bind="query-params"
        )
        hands = st.pills("Hands", sorted({clip.factors["hands"] for clip in clips}), key="hands")
        fast = st.slider("Speed", *_span(clips, "speed"), value=_span(clips, "speed"), key="speed")
    found = [clip for clip in clips if fits(clip, text=text, who=who, hands=hands, speed=fast)]
    if not found:
        st.caption("No clip matches: clear the search or the filter.")
        st.button("Clear both", key="clear-search", on_click=_clear, args=(clips,))
    return found


def _clear(clips: Sequence[GalleryClip]) -> None:
    whole = {"q": "", "who": _ALL, "hands": None, "speed": _span(clips, "speed")}
    for key, value in whole.items():
        session.put_choice(key, value)


def fits(
    clip: GalleryClip, *, text: str, who: str, hands: int | None, speed: tuple[float, float]
) -> bool:
    """Whether a clip is what is looked for.

    Args:
        clip: of the gallery.
        text: every word of it is in the class, its opposite or a factor.
        who: `MAAGN is right`, `TSM is wrong` and the like; anything else asks for nothing.
        hands: number of hands; None for any.
        speed: least and most.
    """
    words = " ".join([clip.label, *(str(value) for value in clip.factors.values())]).casefold()
    name, _, verdict = who.partition(" is ")
    right = {"right": name in clip.right, "wrong": name not in clip.right}.get(verdict, True)
    low, high = speed
    return (
        all(word in words for word in text.casefold().split())
        and right
        and hands in (None, clip.factors["hands"])
        and low <= clip.factors["speed"] <= high
    )


def _span(clips: Sequence[GalleryClip], factor: str) -> tuple[float, float]:
    values = [float(clip.factors[factor]) for clip in clips]
    return (int(100 * min(values)) / 100, int(100 * max(values) + 1) / 100)


_GALLERY_HEIGHT = 360  # so that what follows it is on the first screen
_OWN = "The first model's prediction"


def files_on_command_line() -> tuple[ClipChoice, ...]:
    """The clips of `--clip` and `--folder` that exist now."""
    return tuple(ClipChoice.of(path) for path in command_line.found()[0])


def choose() -> Selection | None:
    """Draw the sidebar: clip, class to explain, method and layer; None if no clip is chosen."""
    session.hold("networks", "run", "class", "method", "layer", "path", "q", "who")
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
    _act()
    now = _linked() or session.chosen_clip() or (None if given else _first())
    now = _own_clips(now)
    now = None if now is None else session.with_section_of_link(now)
    st.caption("Or choose from the gallery: first and last frame, opposites side by side")
    shown = _shelf()
    with st.container(height=_GALLERY_HEIGHT, border=False):
        chosen = now.link if now else None
        show_picker(shown, chosen=chosen, key="gallery", on_pick=_picked)
    if now is not None:
        session.show_clip(now)
    return now


def _picked(name: str | None) -> None:
    """Choose a clip of the gallery before the script runs, so that it runs once."""
    clip = clip_named(name)
    if clip is not None:
        session.choose_clip(clip.choice())
        _networks_for(clip.label)


def _act() -> None:
    """Draw the camera, folded up; what is recorded is one of the visitor's own clips, and shown."""
    with st.expander("Act it out", icon=":material/videocam:"):
        try:
            recording = show_camera(key="act", label="An action")
            if recording is None:
                return
            acted = uploads.ALL.store(
                BytesIO(recording.content), name=recording.name, holder=session.holder()
            )
        except UploadError as error:
            session.note(str(error))
        else:
            session.keep_acted(acted)
            session.next_turn("own")
            session.choose_clip(acted)
    st.rerun()


DRAWN, FILMED = "Drawn", "Filmed"


def _shelf() -> list[GalleryClip]:
    """Draw the choice between drawn and filmed clips, where there are both; those to show."""
    if not filmed():
        return search(gallery())
    session.heed_link("shelf", (DRAWN, FILMED), what="gallery")
    shelf = st.segmented_control(
        "Gallery", (DRAWN, FILMED), default=DRAWN, required=True, key="shelf", bind="query-params",
        label_visibility="collapsed", width="stretch",
    )  # fmt: skip
    if shelf != FILMED:
        return search(gallery())
    st.caption(f"People who walk in and out, and networks taught from these clips. {SOURCE}.")
    return list(filmed())


def _networks_for(label: str | None) -> None:
    """Choose networks that know the class of a clip, where those at hand do not."""
    there = groups()
    now = there.get(session.networks_chosen(), next(iter(there.values())))
    if label is None or label in cache.card(now[0]).labels:
        return
    for title, names in there.items():
        if label in cache.card(names[0]).labels:
            session.choose_later("networks", title)
            return


def _own_clips(now: ClipChoice | None) -> ClipChoice | None:
    """Draw the choice among the visitor's own files, if there are several."""
    told = command_line.found()[1]
    if told:
        st.caption(told)
    own = (*session.uploaded(), *files_on_command_line())
    if len(own) < 2:
        return now
    names = [f"{index + 1}. {clip.name}" for index, clip in enumerate(own)]
    place = own.index(now.whole) if now is not None and now.whole in own else None
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
    """Draw the choice of class, path, method and layer of the maps."""
    names = _choose_networks()
    first = cache.card(names[0])
    run = _choose_run()
    st.subheader("Maps")
    classes = [_OWN, *first.labels]
    session.heed_link("class", classes, what="class")
    target = st.selectbox("Class to explain", classes, key="class", bind="query-params")
    elements.whole(target)
    path = _choose_path(first) if first.paths else 0
    session.heed_link("method", list(METHODS), what="method")
    method = st.selectbox("Method", list(METHODS), key="method", bind="query-params")
    known = sources(first)
    words = list(known.values())
    session.heed_link("layer", words, what="layer", default=known[FIRST_LAYER])
    layer = st.selectbox(
        "Layer",
        words,
        index=list(known).index(FIRST_LAYER),
        key="layer",
        bind="query-params",
        help="Networks without this path show the same stage of their backbone.",
    )
    question = Question(
        clip,
        names,
        None if target == _OWN else target,
        method,
        list(known)[words.index(layer)],
        tuple(cache.card(name).digest for name in names),
    )
    return Selection(question, path, session.moment_in_link(first.spec.frames), run)


def _choose_networks() -> tuple[str, ...]:
    """The networks of one class set; the choice is drawn only if there are several sets."""
    there = groups()
    titles = list(there)
    session.put_chosen("networks")
    session.heed_link("networks", titles, what="networks")
    if len(titles) == 1:
        return there[titles[0]]
    st.subheader("Networks")
    title = st.selectbox("Class set", titles, key="networks", bind="query-params")
    elements.whole(title)
    return there[title]


AUTOMATIC = "the best for these networks"


def _choose_run() -> str | None:
    """The run that Compare, Errors and statistics speak of; None where it follows the networks."""
    there = runs.choices()
    options = [AUTOMATIC, *there]
    session.put_chosen("run")
    session.heed_link("run", options, what="run")
    st.subheader("Run")
    title = st.selectbox(
        "Predictions on record",
        options,
        key="run",
        bind="query-params",
        help="Compare, Errors and the statistics of Attention and Gating show this run.",
    )
    if title == AUTOMATIC:
        return None
    st.caption(markdown(there[title].about))
    return title


def _choose_path(first: CheckpointInfo) -> int:
    spec = first.spec
    rates = zip(spec.levels, spec.rates, strict=True)
    paths = [f"res{level}, rate {rate}" for level, rate in rates]
    session.heed_link("path", paths, what="path")
    path = st.segmented_control(
        "MAAGN's path", paths, default=paths[0], required=True, key="path", bind="query-params"
    )
    return paths.index(path or paths[0])


def _linked() -> ClipChoice | None:
    """The clip that the address names, if it has changed; None otherwise."""
    asked = session.clip_asked_for()
    if asked is None:
        return None
    found = linked(asked)
    if found is None:
        session.note(f"The clip {asked[:80]!r} of this link is unknown; ignored.")
    elif not session.in_address("networks"):
        _networks_for(found.label)
    return found


def linked(text: str) -> ClipChoice | None:
    """The clip that a link names: of the gallery, the benchmark, a data set or a person's own."""
    named = clip_named(text)
    if named is not None:
        return named.choice()
    own = (taught.linked, left_out.linked, runs.linked)
    finders = (ClipChoice.of_link, film.linked, dataset_links.linked, *own)
    return next((found for find in finders if (found := find(text)) is not None), None)


def _first() -> ClipChoice | None:
    """The clip shown before any choice: the command line's first, or the gallery's default."""
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
    chosen = session.chosen_clip()
    if new:
        session.next_turn("own")  # the list of them begins at the new one
        session.choose_clip(new[-1])
    elif chosen is not None and chosen.whole in before and chosen.whole not in left:
        session.next_turn("own")
        other = left[-1] if left else _first()
        if other is not None:
            session.choose_clip(other)
