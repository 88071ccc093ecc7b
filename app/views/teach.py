"""Which of a visitor's own actions can the networks learn to tell apart?"""

from operator import methodcaller

import streamlit as st

from app import cache, elements, session, taught
from app.elements import markdown
from app.errors import Cancelled
from app.jobs import Job
from app.server import collection_store
from app.server.collection import Collection
from app.server.uploads import MEGABYTES
from app.views import collect, teach_result
from app.work import QUEUE, worked_out
from maagn import checkpoint
from maagn.errors import MaagnError, TeachError
from maagn.teach.examples import Examples, check_name, examples_of
from maagn.teach.report import TAUGHT, TeachingReport, read_teaching
from maagn.teach.teach import teach

_STORE = collection_store.ALL
EXAMPLE = checkpoint.folder_of("walking")
"""The collection that comes with the explorer: clips, taught networks and their figures."""


def choose(owner: str, *, frames: int) -> Collection | None:
    """Draw the visitor's collections and what can be done with them; the chosen one.

    Args:
        owner: whose they are.
        frames: that a clip needs at least.
    """
    there = _STORE.all(owner)
    if not there:
        st.markdown(
            "Collect a few short clips of two actions, such as opening and closing a door: five or "
            "six of each, by file or with the camera. The networks keep what they know of "
            "movement, and learn to tell your actions apart in seconds. Each clip is then "
            "predicted by classifiers that never saw it, so that the figure is an honest one. "
            "Clips stay on this server."
        )
        _begin(owner, frames=frames)
        return None
    titles = {each.name: each for each in there}
    session.put_chosen("collection")
    session.heed_link("collection", list(titles), what="collection")
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    chosen = titles[
        left.selectbox("Collection", list(titles), key="collection", bind="query-params")
    ]
    with right.container(horizontal=True):
        with st.popover("New", icon=":material/add:"):
            _begin(owner, frames=frames)
        with st.popover("Rename", icon=":material/edit:"):
            _rename(owner, chosen)
        st.download_button(
            "Export",
            lambda: _STORE.exported(owner, chosen),
            f"{chosen.name}.zip",
            "application/zip",
            icon=":material/download:",
            help="A folder for each class; bring it back here, or teach from it with maagn teach.",
        )
        with st.popover("Remove", icon=":material/delete:"):
            st.markdown(
                f"Remove **{markdown(chosen.name)}**, its {chosen.clips} clips and the networks "
                "taught from them? This cannot be undone."
            )
            if st.button("Remove it", type="primary", key=f"remove-{chosen.key}"):
                _STORE.remove(owner, chosen.key)
                st.rerun()
    return chosen


def _begin(owner: str, *, frames: int) -> None:
    """The ways to a new collection: from nothing, from the example, from a file."""
    new, ready = st.columns(2, gap="large")
    with new, st.form(f"begin-{session.turn('begin')}", border=False):
        st.markdown("**Begin with two actions of your own**")
        name = st.text_input("Name of the collection", placeholder="e.g. my doors", max_chars=40)
        first = st.text_input("One action", placeholder="e.g. Opening the door")
        second = st.text_input("Its opposite", placeholder="e.g. Closing the door")
        if st.form_submit_button("Begin", icon=":material/add:", type="primary"):
            _create(owner, name, first, second)
    with ready:
        if (EXAMPLE / "clips").is_dir():
            st.markdown("**Or begin with twelve clips of people**")
            if st.button("Walking in and walking out", icon=":material/directions_walk:"):
                _take_example(owner, frames=frames)
        st.markdown("**Or bring clips along**")
        file = st.file_uploader(
            "A ZIP file: an exported collection, or a folder of videos for each class",
            type="zip",
            max_upload_size=MEGABYTES,
            key=f"back-{session.turn('back')}",
        )
        if file is not None:
            session.next_turn("back")
            try:
                made = _STORE.bring_back(owner, file.getvalue(), name=file.name)
                collect.look_at_all(owner, made, frames=frames)
                session.choose_later("collection", made.name)
            except MaagnError as error:
                session.note(str(error))
            st.rerun()


def _create(owner: str, name: str, first: str, second: str) -> None:
    labels = [" ".join(label.split()) for label in (first, second) if label.strip()]

    def with_classes(collection: Collection) -> Collection:
        for label in labels:
            collection = collection.with_class(label)
        return collection.with_opposite(*labels) if len(labels) == 2 else collection

    try:
        title = _title(name)
        with_classes(Collection("", title))  # refused before anything is made
        made = _STORE.create(owner, title)
        _STORE.change(owner, made.key, with_classes)
        session.choose_later("collection", made.name)
        session.next_turn("begin")
    except MaagnError as error:
        session.note(str(error))
    st.rerun()


def _take_example(owner: str, *, frames: int) -> None:
    made = _STORE.create(owner, EXAMPLE.name)
    folders = [folder for folder in sorted((EXAMPLE / "clips").iterdir()) if folder.is_dir()]
    try:
        for folder in folders:
            _STORE.change(owner, made.key, methodcaller("with_class", folder.name))
            for path in sorted(folder.glob("*.mp4")):
                _STORE.take(owner, made.key, folder.name, path.read_bytes(), name=path.name)
        one, other = (folder.name for folder in folders)
        made = _STORE.change(owner, made.key, lambda c: c.with_opposite(one, other))
        collect.look_at_all(owner, made, frames=frames)
        session.choose_later("collection", made.name)
    except MaagnError as error:
        _STORE.remove(owner, made.key)
        session.note(str(error))
    st.rerun()


def _rename(owner: str, chosen: Collection) -> None:
    name = st.text_input("New name", chosen.name, key=f"rename-{chosen.key}", max_chars=40)
    if st.button("Rename it", key=f"rename-now-{chosen.key}"):
        try:
            _STORE.rename(owner, chosen.key, _title(name))
            session.choose_later("collection", _title(name))
        except MaagnError as error:
            session.note(str(error))
        st.rerun()


def _title(name: str) -> str:
    """A collection's name as it is kept.

    Raises:
        TeachError: it is none that networks can have.
    """
    title = " ".join(name.split())
    if not title:
        raise TeachError("Give the collection a name, for example my doors.")
    check_name(title)
    return title


def bases(models: tuple[str, ...]) -> tuple[str, ...]:
    """The networks to teach: those of the sidebar, or the ones that they were taught from."""
    found = []
    for name in models:
        told = cache.card(name).taught
        found.append(name if told is None else told.base)
    return tuple(dict.fromkeys(found))


def show(owner: str, collection: Collection, models: tuple[str, ...]) -> None:
    """The button, the progress, and what came of it.

    Args:
        owner: whose collection it is.
        collection: to teach from.
        models: to teach.
    """
    found = _found(owner, collection)
    groups = taught.groups_of(owner, collection)
    if groups is not None and not st.toggle(
        "Leave out together clips whose names begin alike",
        value=found is None or found.left_out == "group",
        key=f"groups-{collection.key}",
        help="anna-1.mp4 and anna-2.mp4 are of one group. The figure is then of new people or "
        "places: no head is tested on a group that it learnt from.",
    ):
        groups = None
    try:
        examples = _examples(owner, collection, groups)
    except TeachError as error:
        st.info(markdown(str(error)), icon=":material/info:")
        return
    stale = found is not None and not _is_of(found, collection, grouped=groups is not None)
    others = found is not None and {network.base for network in found.networks} != set(models)
    key = ("teach", owner, collection, groups is not None, models)
    label = "Teach" if found is None else "Teach again"
    asked = st.button(
        label,
        type="primary",
        icon=":material/model_training:",
        disabled=found is not None and not (stale or others),
    )
    if stale:
        st.caption("The collection has changed since: what follows is of the earlier one.")
    job = QUEUE.find(key)
    if asked and job is not None and (job.done or job.cancelled):
        QUEUE.forget(key)  # it was stopped, if only just, or failed: begin anew
    if asked or job is not None:
        made = worked_out(key, lambda job: _teach(job, owner, examples, collection, models))
        if made is not None:
            QUEUE.forget(key)
            st.rerun()
        return
    if found is not None:
        teach_result.show(found, owner, collection)


def _examples(owner: str, collection: Collection, groups: dict[str, str] | None) -> Examples:
    """The clips to teach from.

    Raises:
        TeachError: there are too few, or the name cannot be the networks'.
    """
    if len(collection.classes) < 2:
        raise TeachError("Two classes are needed: add one more, for example the opposite.")
    check_name(collection.name)
    return examples_of(
        taught.videos_of(owner, collection),
        name=collection.name,
        pairs=taught.pairs_of(collection),
        groups=groups,
    )


def _teach(
    job: Job, owner: str, examples: Examples, collection: Collection, models: tuple[str, ...]
) -> TeachingReport:
    def step(part: float, doing: str) -> None:
        if _STORE.find(owner, collection.key) is None:
            raise Cancelled
        job.step(part, doing)

    step(0.0, "Loading the models")
    folder = _STORE.folder(owner, collection.key)
    try:
        made = teach(
            examples,
            [cache.model(name) for name in models],
            folder,
            features=folder / "features",
            folder=folder,
            report=step,
        )
    finally:
        if _STORE.find(owner, collection.key) is None:
            _STORE.remove(owner, collection.key)  # what was written since its owner removed it
    now = {network.name for network in made.networks}
    for path in folder.glob("*.safetensors"):
        if path.stem not in now:
            path.unlink()  # of an earlier teaching, under another name or of another network
    return made


def _found(owner: str, collection: Collection) -> TeachingReport | None:
    """What an earlier teaching of this collection found."""
    folder = _STORE.folder(owner, collection.key)
    if not (folder / TAUGHT).exists():
        return None
    try:
        return read_teaching(folder)
    except MaagnError as error:
        elements.show(error)
        return None


def _is_of(found: TeachingReport, collection: Collection, *, grouped: bool) -> bool:
    """Whether a teaching is of these very clips, classes, opposites and groups."""
    try:
        card = cache.card(f"{found.networks[0].name}@{collection.key}")
    except MaagnError:
        return False
    own = {
        (clip.file[:64], number)
        for number, each in enumerate(collection.classes)
        for clip in each.clips
    }
    names = tuple(each.name for each in collection.classes)
    pairs = {frozenset(pair) for pair in collection.opposites}
    return (
        card.taught is not None
        and set(card.taught.clips) == own
        and found.collection == collection.name
        and (found.left_out == "group") == grouped
        and found.labels == names
        and {frozenset(pair) for pair in found.opposites} == pairs
    )
