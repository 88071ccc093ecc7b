"""A collection's classes as bins: clips come in by file or camera, and can be taken out again."""

from collections.abc import Callable, Sequence

import streamlit as st

from app import page, session, taught
from app.components.camera import show_camera
from app.elements import markdown
from app.server import collection_store
from app.server.collection import Collected, CollectedClip, Collection
from app.server.uploads import MEGABYTES
from maagn.config import SamplingSpec
from maagn.errors import MaagnError
from maagn.io import atomic_write
from maagn.labels import ClassRelations
from maagn.video.read import read_clip
from maagn.video.stills import first_and_last

_STORE = collection_store.ALL
_MOST_ACROSS = 3  # bins
_CLIPS_ACROSS = 2  # clips of a bin
_A_PAGE = 8  # clips of a bin
_NOTHING = "none of these classes"


def show(owner: str, collection: Collection, *, frames: int) -> None:
    """Draw every class with its clips, and the field for one more class.

    Args:
        owner: whose collection it is.
        collection: as it is now.
        frames: that a clip needs at least.
    """
    across = min(max(2, len(collection.classes)), _MOST_ACROSS)
    for start in range(0, len(collection.classes), across):
        shown = collection.classes[start : start + across]
        for column, each in zip(st.columns(across), shown, strict=False):
            with column, st.container(border=True, height="stretch"):
                _bin(owner, collection, each, frames=frames)
    _add_class(owner, collection)


def _bin(owner: str, collection: Collection, each: Collected, *, frames: int) -> None:
    number = collection.classes.index(each)
    field = f"class-{collection.key}-{each.name}-{session.turn(f'names-{collection.key}')}"
    name = st.text_input("Class", each.name, key=field)
    if name != each.name:
        _change(owner, collection, lambda c: paired_by_name(c.renamed(each.name, name), name))
    _opposite(owner, collection, each)
    turn = session.turn(f"collect-{collection.key}-{number}")
    files = st.file_uploader(
        f"Clips of {markdown(each.name)}",
        type=taught.KINDS,
        accept_multiple_files=True,
        max_upload_size=MEGABYTES,
        key=f"files-{collection.key}-{number}-{turn}",
    )
    room = st.container()  # so that a bar moves nothing below it: an open camera stays
    if files:
        with room:
            given = [(file.name, file.getvalue()) for file in files]
            add(owner, collection, each.name, given, frames=frames)
        session.next_turn(f"collect-{collection.key}-{number}")
        st.rerun()
    with st.expander("Record with the camera", icon=":material/videocam:"):
        recording = None
        try:
            recording = show_camera(key=f"camera-{collection.key}-{number}", label=each.name)
        except MaagnError as error:
            session.note(str(error))
            st.rerun()
        if recording is not None:
            add(owner, collection, each.name, [(recording.name, recording.content)], frames=frames)
            st.rerun()
    clips = f"{len(each.clips)} clip{'s' * (len(each.clips) != 1)}"
    st.markdown(f"**{clips}**")
    with st.container(key=f"bin-{collection.key}-{number}"):
        _clips(owner, collection, each)
    with st.popover("Remove this class", icon=":material/delete:"):
        st.markdown(f"Remove **{markdown(each.name)}** and its {clips}? This cannot be undone.")
        if st.button("Remove the class", type="primary", key=f"drop-{collection.key}-{number}"):
            _change(owner, collection, lambda c: c.without_class(each.name))


def _opposite(owner: str, collection: Collection, each: Collected) -> None:
    number = collection.classes.index(each)
    options = [_NOTHING, *(other.name for other in collection.classes if other != each)]
    known = collection.opposite_of(each.name)
    chosen = st.selectbox(
        "Played backwards it shows",
        options,
        index=0 if known is None else options.index(known),
        key=f"opposite-{collection.key}-{number}-{known}-{len(options)}",
        help="Then every clip is shown to the networks backwards too, as that class.",
    )
    opposite = None if chosen == _NOTHING else chosen
    if opposite != known:
        _change(owner, collection, lambda c: c.with_opposite(each.name, opposite))


def _clips(owner: str, collection: Collection, each: Collected) -> None:
    pages = -(-len(each.clips) // _A_PAGE)
    at = 1
    if pages > 1:
        at = st.pagination(pages, key=f"clips-{collection.key}-{each.name}-{pages}")
    shown = each.clips[_A_PAGE * (at - 1) : _A_PAGE * at]
    for start in range(0, len(shown), _CLIPS_ACROSS):
        row = shown[start : start + _CLIPS_ACROSS]
        for column, clip in zip(st.columns(_CLIPS_ACROSS), row, strict=False):
            with column:
                _clip(owner, collection, each, clip)


def _clip(owner: str, collection: Collection, each: Collected, clip: CollectedClip) -> None:
    path = _STORE.clips_folder(owner, collection.key) / clip.file
    picture = path.with_suffix(".jpg")
    if picture.exists():
        st.image(picture.read_bytes(), width="stretch", alt=f"First and last frame of {clip.name}")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(markdown(clip.name), width="stretch")
        # Of both labels style.css shows the icon alone.
        if st.button(
            f"Open {markdown(clip.name)} in Explore", key=f"clip-open-{clip.file[:16]}",
            icon=":material/play_circle:", type="tertiary", help="Open in Explore",
        ):  # fmt: skip
            page.open_clip(taught.choice(collection, each.name, clip))
        if st.button(
            f"Take {markdown(clip.name)} out", key=f"clip-out-{clip.file[:16]}",
            icon=":material/close:", type="tertiary", help="Take this clip out",
        ):  # fmt: skip
            _change(owner, collection, lambda c: c.without_clip(clip.file))


def add(
    owner: str,
    collection: Collection,
    label: str,
    files: Sequence[tuple[str, bytes]],
    *,
    frames: int,
) -> None:
    """Keep files as clips of a class; one that cannot be read is told of and not kept.

    Args:
        owner: whose collection it is.
        collection: it.
        label: the class.
        files: name and content of each.
        frames: that a clip needs at least.
    """
    bar = st.progress(0.0, text="Reading the clips")
    for index, (name, content) in enumerate(files):
        bar.progress(index / len(files), text=f"Reading {markdown(name)}")
        try:
            _take(owner, collection.key, label, name, content, frames=frames)
        except MaagnError as error:
            session.note(str(error))
    bar.empty()


def _take(owner: str, key: str, label: str, name: str, content: bytes, *, frames: int) -> None:
    """Keep one clip, unless it cannot be read or has a class already.

    Raises:
        MaagnError: it cannot be kept, or cannot be read.
    """
    clip = _STORE.take(owner, key, label, content, name=name)
    _look(owner, key, clip, frames=frames)


def look_at_all(owner: str, collection: Collection, *, frames: int) -> None:
    """Read clips that came together, as `add` does: one that cannot be read is not kept.

    Args:
        owner: whose collection it is.
        collection: it.
        frames: that a clip needs at least.
    """
    clips = [clip for each in collection.classes for clip in each.clips]
    bar = st.progress(0.0, text="Reading the clips")
    for index, clip in enumerate(clips):
        bar.progress(index / len(clips), text=f"Reading {markdown(clip.name)}")
        try:
            _look(owner, collection.key, clip, frames=frames)
        except MaagnError as error:
            session.note(str(error))
    bar.empty()


def _look(owner: str, key: str, clip: CollectedClip, *, frames: int) -> None:
    """Read a clip for its small picture; one that cannot be read is taken out again.

    Raises:
        MaagnError: it cannot be read.
    """
    path = _STORE.clips_folder(owner, key) / clip.file
    try:
        seen = read_clip(path, samplings=(SamplingSpec(frames),), name=clip.name)
    except MaagnError:
        _STORE.change(owner, key, lambda c: c.without_clip(clip.file))
        raise
    with atomic_write(path.with_suffix(".jpg")) as part:
        part.write_bytes(first_and_last(seen.frames))


def _add_class(owner: str, collection: Collection) -> None:
    with st.form(f"new-{collection.key}", clear_on_submit=True, border=False):
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        name = left.text_input("One more class", placeholder="e.g. Closing the box")
        if right.form_submit_button("Add the class", icon=":material/add:") and name.strip():
            _change(owner, collection, lambda c: paired_by_name(c.with_class(name), name))


def paired_by_name(collection: Collection, name: str) -> Collection:
    """With the opposite that a class's name proposes, where neither of the two has one."""
    name = " ".join(name.split())
    labels = tuple(each.name for each in collection.classes)
    opposite = ClassRelations.of(labels).opposite_of(name)
    if opposite is None or collection.opposite_of(name) or collection.opposite_of(opposite):
        return collection
    return collection.with_opposite(name, opposite)


def _change(owner: str, collection: Collection, edit: Callable[[Collection], Collection]) -> None:
    """Change it and draw the page anew; what is refused is said there."""
    try:
        _STORE.change(owner, collection.key, edit)
    except MaagnError as error:
        session.note(str(error))
        session.next_turn(f"names-{collection.key}")  # the field takes the old name again
    st.rerun()
