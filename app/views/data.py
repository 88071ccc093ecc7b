"""A registered data set's videos: words, class and page choose them, three frames show each."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
import streamlit as st

from app import dataset_links, elements, page, session
from app.elements import markdown
from app.views import notebook
from maagn.cache import BoundedCache
from maagn.data.confine import confine
from maagn.data.index import Index
from maagn.data.registry import Registered
from maagn.data.videos import Video
from maagn.errors import ClipError
from maagn.labels import ClassRelations, Opposites
from maagn.video.stills import stills

_STILLS: BoundedCache[bytes] = BoundedCache(40_000_000, len)  # some 4,000 of 10 KB


def pictures(videos: Sequence[Video]) -> Iterator[tuple[int, bytes | None]]:
    """A JPEG of each with its place in `videos`: those at hand first, then as they are made.

    None for a video that is missing, leads out of its set's folder, or has no picture.
    """
    inside = {index: video for index, video in enumerate(videos) if _lies_inside(video)}
    yield from ((index, None) for index in range(len(videos)) if index not in inside)
    yield from _pictures(inside)


def _pictures(videos: Mapping[int, Video]) -> Iterator[tuple[int, bytes | None]]:
    keys = {index: _key(video) for index, video in videos.items()}
    ready = {index: still for index, key in keys.items() if (still := _STILLS.find(key))}
    yield from ready.items()
    missing = [index for index in videos if index not in ready]
    paths = [videos[index].path for index in missing]
    templates = [videos[index].pictures for index in missing]
    made = stills(paths, templates=templates) if any(templates) else stills(paths)
    for place, content in zip(missing, made, strict=True):
        if content is not None:
            _STILLS.keep(keys[place], content)
        yield place, content


def _lies_inside(video: Video) -> bool:
    try:
        confine(video)
    except ClipError:
        return False
    return True


def _key(video: Video) -> tuple[str, str | None, int, int]:
    """A cache key that changes with the file's content."""
    try:
        status = video.path.stat()
    except OSError:
        return str(video.path), video.pictures, 0, 0
    return str(video.path), video.pictures, status.st_mtime_ns, status.st_size


ACROSS, DOWN = 4, 6


def show_grid(data: Registered, videos: Sequence[Video]) -> None:
    """The words stand at once; pictures come as they are made."""
    slots = []
    for start in range(0, len(videos), ACROSS):
        for column, video in zip(st.columns(ACROSS), videos[start:], strict=False):
            with column:
                slots.append(st.empty())
                _words(data, video)
    for place, content in pictures(videos):
        video = videos[place]
        if content is None:
            slots[place].warning(
                "No picture: missing or unreadable", icon=":material/broken_image:"
            )
        else:
            slots[place].image(content, width="stretch", alt=f"{video.id}, {_label(data, video)}")


def _words(data: Registered, video: Video) -> None:
    choice = dataset_links.choice(data, video)
    st.page_link(
        page.named("explore"), label=markdown(video.id), query_params={"clip": str(choice.link)}
    )
    st.caption(markdown(_label(data, video)))


def _label(data: Registered, video: Video) -> str:
    return "no class" if video.label is None else data.labels[video.label]


_ALL = "all classes"
_HALF = 380  # pixels of a list's line on half a page


def show_choice(index: Index) -> Sequence[Video]:
    """Draw the choices; the videos of the page that is looked at."""
    data = index.data
    left, right = st.columns(2)
    words = left.text_input(
        "Words of the class, or the beginning of a clip's name", key="words", bind="query-params"
    )
    options = (_ALL, *data.labels)
    session.heed_link("of", options, what="class")
    with right:
        label = st.selectbox("Class", options, key="of", bind="query-params")
        elements.whole(label, room=_HALF)
    number = None if label == _ALL else data.labels.index(label)
    size = ACROSS * DOWN
    total = index.page(words=words, label=number, limit=0).total
    elements.words(
        f"**{total:,} of {data.clips:,} clips** of {markdown(data.name)}: "
        f"{data.layout}, {data.split}",
        key="found",
    )
    pages = -(-total // size)
    # Another search begins at its first page.
    at = st.pagination(pages, key=f"at-{data.name}-{words}-{label}") if pages > 1 else 1
    offset = (int(at) - 1) * size
    elements.python(
        notebook.data_set(data.name, words=words, label=number, limit=size, offset=offset)
    )
    return index.page(words=words, label=number, limit=size, offset=offset).videos


def classes(index: Index) -> None:
    """How many clips each class has, and its opposite."""
    counts = index.counts()
    data = index.data
    relations = ClassRelations.of(data.labels, data.pairs)
    with st.expander(f"The {len(counts)} classes"):
        opposites = [_opposite(relations.pair_of(label)) for label in data.labels]
        rows = pd.DataFrame({"class": data.labels, "clips": counts, "opposite": opposites})
        elements.table(rows, key="classes", title=f"Classes of {data.name}")


def _opposite(pair: Opposites | None) -> str:
    if pair is None:
        return ""
    return f"{pair.opposite} (proposed)" if pair.proposed else pair.opposite
