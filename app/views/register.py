"""A set of videos is chosen, checked and registered, so that it can be browsed and evaluated on."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st
from streamlit.column_config import NumberColumn, SelectboxColumn, TextColumn

from app import cache, data_roots, elements, page, session
from app.elements import markdown
from app.jobs import Job
from app.networks import groups
from app.server import collection_store
from app.server.collection import Collection
from app.work import worked_out
from maagn.data.check import KINDS, Finding, check
from maagn.data.open import LAYOUTS, SPLITS, open_videos
from maagn.data.registry import register, registered
from maagn.data.videos import Video, VideoSet
from maagn.errors import MaagnError, PairsError
from maagn.folders import START
from maagn.labels import ClassPairs, ClassRelations, Opposites, plain

_FOLDER, _COLLECTION = "A folder of this computer", "One of my collections"
_AUTO = "as it looks"
_LISTED = 200  # findings that are shown
_NONE = ""
_NAMED = 3  # classes that no network knows


@dataclass(frozen=True)
class Checked:
    """A set that was opened, what is wrong with it, and whether its videos were decoded."""

    videos: VideoSet
    findings: tuple[Finding, ...]
    decoded: bool


def show() -> None:
    """Choose, check, register."""
    elements.words(
        "A registered set can be browsed, and networks evaluated on it. Its videos stay where they "
        "are, and nothing is changed. Everybody who opens this explorer sees registered sets.",
        key="register-about",
    )
    collections = {one.name: one for one in collection_store.ALL.all(session.owner()) if one.clips}
    kinds = [_FOLDER, *([_COLLECTION] if collections else [])]
    kind = st.radio("What", kinds, horizontal=True, key="register-kind") if collections else _FOLDER
    if kind == _COLLECTION:
        name = st.selectbox("Collection", list(collections), key="register-collection")
        source = collections[name]
        _rest(("collection", source), lambda: _of_collection(source), source.name, _given(source))
        return
    sources = data_roots.sources()
    if not sources:
        st.info(
            "No folder is offered here yet. Start the explorer with the folder that your sets lie "
            "in, and choose among those in it; or collect clips on Teach and register those.",
            icon=":material/folder_off:",
        )
        there = page.named("teach")
        st.page_link(there, label="Collect clips on Teach", icon=there.icon)
        st.code(f"{data_roots.VARIABLE}=/path/to/my/sets {START}", language="bash")
        return
    folder = st.selectbox(
        "Folder, or list", list(sources), index=None, key="register-source",
        placeholder="Type some letters of its name",
    )  # fmt: skip
    if folder is None:
        return
    left, right = st.columns(2)
    layout = left.selectbox("Layout", (_AUTO, *LAYOUTS), key="register-layout")
    split = right.selectbox("Split", SPLITS, index=1, key="register-split",
                            help="The whole set, where it has no splits.")  # fmt: skip
    path = sources[folder]
    chosen = "auto" if layout == _AUTO else layout
    _rest(
        (path, chosen, split, data_roots.stamp(path)),
        lambda: open_videos(path, layout=chosen, split=split),
        f"{path.stem}-{split}",
        ClassPairs(),
    )


def _rest(key: Hashable, opened: Callable[[], VideoSet], name: str, given: ClassPairs) -> None:
    """Check the set, and offer to register it."""
    read = st.toggle(
        "Also decode every video", key="register-read",
        help="Slower; finds videos that are damaged or too short.",
    )  # fmt: skip

    def work(job: Job) -> Checked:
        job.step(0, "Opening the set")
        videos = opened()

        def report(done: int, of: int) -> None:
            job.step(done / max(of, 1), f"{done:,} of {of:,} videos")

        return Checked(videos, tuple(check(videos, read=read, report=report)), read)

    found = worked_out(("register", key, read), work, height=200)
    if found is None:
        return
    _findings(found)
    try:
        videos, pairs = _classes(found.videos, given)
    except PairsError as error:
        elements.show(error)
        return
    _register(videos, pairs, name)


def _findings(found: Checked) -> None:
    videos = found.videos
    unlabelled = sum(video.label is None for video in videos.videos)
    elements.words(
        f"**{len(videos):,} videos of {len(videos.labels)} classes**, {videos.layout}, "
        f"{videos.split}" + f"; {unlabelled:,} without a class" * bool(unlabelled) + ".",
        key="register-counts",
    )
    bad = [one for one in found.findings if one.kind != "unlisted"]
    if bad:
        kinds = {kind: sum(one.videos for one in bad if one.kind == kind) for kind in KINDS}
        told = ", ".join(f"{many:,} {kind}" for kind, many in kinds.items() if many)
        st.warning(f"Found: {told}. The set can be registered; these will have no prediction.")
    else:
        without = "" if found.decoded else " without decoding the videos"
        st.success(f"Nothing wrong was found{without}.", icon=":material/check:")
    if found.findings:
        with st.expander("Findings"):
            rows = [
                {"kind": one.kind, "video": one.id, "reason": one.reason}
                for one in found.findings[:_LISTED]
            ]
            title = f"Findings, {len(rows)} of {len(found.findings):,}"
            elements.table(pd.DataFrame(rows), key="findings", title=title)


def _classes(videos: VideoSet, given: ClassPairs) -> tuple[VideoSet, ClassPairs]:
    """Draw the classes with their opposites, proposed from the names at first, to be edited.

    Raises:
        PairsError: two classes are called the same, or the pairs contradict each other.
    """
    relations = ClassRelations.of(videos.labels, given)
    counts = [0] * len(videos.labels)
    for video in videos.videos:
        if video.label is not None:
            counts[video.label] += 1
    rows = pd.DataFrame(
        {
            "class": list(videos.labels),
            "videos": counts,
            "name": list(videos.labels),
            "opposite": [relations.opposite_of(label) or _NONE for label in videos.labels],
        }
    )
    st.markdown(
        "**Classes.** Networks know a class by its name: call it as they do. The opposite is the "
        "class that a clip shows when it is played backwards."
    )
    edited = st.data_editor(
        rows,
        key=f"register-classes-{videos.digest}",
        hide_index=True,
        disabled=["class", "videos"],
        column_config={
            "class": TextColumn("In the set"),
            "videos": NumberColumn("Videos"),
            "name": TextColumn("Name", required=True, max_chars=200),
            "opposite": SelectboxColumn("Opposite", options=[_NONE, *videos.labels]),
        },
    )
    names = dict(zip(videos.labels, map(_tidy, edited["name"]), strict=True))
    for name, number in Counter(map(plain, names.values())).items():
        if not name or number > 1:
            raise PairsError(
                "Two classes have one name: give each a name of its own."
                if name
                else "A class has no name: give it one."
            )
    pairs = pairs_of(
        [
            (names[label], names.get(opposite or _NONE))
            for label, opposite in zip(videos.labels, edited["opposite"], strict=True)
        ]
    )
    renamed = replace(videos, labels=tuple(names.values()))
    _say_who_knows(renamed.labels)
    return renamed, pairs


def _tidy(name: object) -> str:
    return " ".join(str(name or "").split())


def _say_who_knows(labels: Sequence[str]) -> None:
    unknown: dict[str, list[str]] = {}
    for title, names in groups().items():
        known = {plain(label) for label in cache.card(names[0]).labels}
        unknown[title] = [label for label in labels if plain(label) not in known]
    knowing = [title for title, missing in unknown.items() if not missing]
    if knowing:
        st.caption(f"Networks that know these classes: {markdown(', '.join(knowing))}.")
        return
    nearest = min(unknown, key=lambda title: len(unknown[title]))
    offered = cache.card(groups()[nearest][0]).labels
    told = []
    for label in unknown[nearest][:_NAMED]:
        close = [one for one in offered if plain(label) in plain(one)][:1]
        told.append(f"{label!r}" + (f" (perhaps {close[0]!r})" if close else ""))
    st.caption(
        f"No networks here know these classes. {markdown(nearest)} comes nearest, without "
        f"{markdown(', '.join(told))}. Rename them, or make a network of your own on Teach."
    )


def pairs_of(rows: Sequence[tuple[str, str | None]]) -> ClassPairs:
    """The pairs that a table of classes and opposites says; each needs to be told once.

    Raises:
        PairsError: a class would have two opposites, or be its own.
    """
    other: dict[str, str] = {}
    for label, opposite in rows:
        if not opposite:
            continue
        if label == opposite:
            raise PairsError(f"{label!r} cannot be its own opposite: choose another, or none.")
        for one, two in ((label, opposite), (opposite, label)):
            if other.setdefault(one, two) != two:
                raise PairsError(
                    f"{one!r} has two opposites, {other[one]!r} and {two!r}: keep one of them."
                )
    pairs = tuple(
        Opposites(label, opposite, "time-reversal")
        for label, opposite in other.items()
        if label < opposite
    )
    return ClassPairs(opposites=pairs)


def _register(videos: VideoSet, pairs: ClassPairs, proposed: str) -> None:
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    name = left.text_input(
        "Name", _plain(proposed), key=f"register-name-{proposed}",
        help="Letters, digits, dots, dashes and underscores.",
    )  # fmt: skip
    again = any(data.name == name for data in registered())
    label = "Register again, in place of the one of that name" if again else "Register"
    if not right.button(label, type="primary", icon=":material/library_add:", key="register"):
        return
    try:
        kept = register(videos, name=name, pairs=pairs)
    except MaagnError as error:
        elements.show(error)
        return
    st.success(f"Registered: {kept.clips:,} clips as {markdown(kept.name)}.")
    with st.container(horizontal=True):
        for view in ("Browse", "Evaluate"):
            st.button(view, on_click=_go, args=(view, kept.name), key=f"registered-{view}")


def _go(view: str, name: str) -> None:
    session.choose_later("view", view)
    session.choose_later("set", name)


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60]


def _of_collection(collection: Collection) -> VideoSet:
    """A visitor's clips as a set: its videos are called as their files were."""
    folder = collection_store.ALL.clips_folder(session.owner(), collection.key)
    videos = tuple(
        Video(f"{each.name}/{number + 1} {clip.name}", folder / clip.file, at, root=folder)
        for at, each in enumerate(collection.classes)
        for number, clip in enumerate(each.clips)
    )
    labels = tuple(each.name for each in collection.classes)
    return VideoSet(collection.name, "collection", folder, "val", labels, videos)


def _given(collection: Collection) -> ClassPairs:
    return ClassPairs(
        tuple(Opposites(one, other, "time-reversal") for one, other in collection.opposites)
    )
