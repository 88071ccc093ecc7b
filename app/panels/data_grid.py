"""Some of a data set's videos: a picture of each as it is made, its class, and the way to open."""

from collections.abc import Sequence

import streamlit as st

from app import page, shelf
from app.literal import markdown
from app.stills import pictures
from maagn.data.registry import Registered
from maagn.data.videos import Video

ACROSS, DOWN = 6, 4


def show(data: Registered, videos: Sequence[Video]) -> None:
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
    choice = shelf.choice(data, video)
    st.page_link(
        page.named("explore"), label=markdown(video.id), query_params={"clip": str(choice.link)}
    )
    st.caption(markdown(_label(data, video)))


def _label(data: Registered, video: Video) -> str:
    return "no class" if video.label is None else data.labels[video.label]
