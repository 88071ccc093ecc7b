"""Finding a clip of the gallery: by words, by who is right, by what is in it."""

from collections.abc import Sequence

import streamlit as st

from app.gallery.catalogue import GalleryClip

_ALL = "All clips"


def search(clips: Sequence[GalleryClip]) -> list[GalleryClip]:
    """Widgets, and the clips that fit them; all where none is set."""
    text = st.text_input(
        "Search", placeholder="Search class, thing, colour ...", key="q", bind="query-params",
        label_visibility="collapsed",
    )  # fmt: skip
    with st.popover("Filter", icon=":material/filter_list:", width="stretch"):
        networks = sorted({name for clip in clips for name in clip.right})
        options = [_ALL, *(f"{name} is {word}" for name in networks for word in ("right", "wrong"))]
        who = st.selectbox(
            "Answers of the demonstration networks", options, key="who", bind="query-params"
        )
        hands = st.pills("Hands", sorted({clip.factors["hands"] for clip in clips}), key="hands")
        fast = st.slider("Speed", *_span(clips, "speed"), value=_span(clips, "speed"), key="speed")
    found = [clip for clip in clips if fits(clip, text=text, who=who, hands=hands, speed=fast)]
    if not found:
        st.caption("No clip fits: clear the search or the filter.")
    return found


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
