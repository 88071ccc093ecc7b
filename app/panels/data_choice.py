"""Which of a data set's videos: words, class and page."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import exhibit, session
from app.literal import markdown
from app.panels import notebook
from app.panels.data_grid import ACROSS, DOWN
from maagn.data.index import Index
from maagn.data.videos import Video
from maagn.labels import ClassRelations, Opposites

_ALL = "all classes"


def show(index: Index) -> Sequence[Video]:
    """Draw the choices; the videos of the page that is looked at."""
    data = index.data
    left, right = st.columns(2)
    words = left.text_input(
        "Words of the class, or the beginning of a clip's name", key="words", bind="query-params"
    )
    options = (_ALL, *data.labels)
    session.heed_link("of", options, what="class")
    label = right.selectbox("Class", options, key="of", bind="query-params")
    number = None if label == _ALL else data.labels.index(label)
    size = ACROSS * DOWN
    total = index.page(words=words, label=number, limit=0).total
    exhibit.words(
        f"**{total:,} of {data.clips:,} clips** of {markdown(data.name)}: "
        f"{data.layout}, {data.split}",
        key="found",
    )
    pages = -(-total // size)
    # Another search begins at its first page.
    at = st.pagination(pages, key=f"at-{data.name}-{words}-{label}") if pages > 1 else 1
    offset = (int(at) - 1) * size
    exhibit.python(
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
        exhibit.table(rows, key="classes", title=f"Classes of {data.name}")


def _opposite(pair: Opposites | None) -> str:
    if pair is None:
        return ""
    return f"{pair.opposite} (proposed)" if pair.proposed else pair.opposite
