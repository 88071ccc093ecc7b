"""Which part of a film networks see: proposed where it is long, chosen on a strip of the film."""

import math
from dataclasses import replace
from functools import partial

import streamlit as st

from app import cache, elements, session
from app.components.filmstrip import HEIGHT, Strip, show_strip
from app.gallery.catalogue import clip_named
from app.jobs import Job
from app.selection import ClipChoice, Selection
from app.work import worked_out
from maagn.errors import ClipError
from maagn.section import ROUNDING, Section
from maagn.video.film import FilmLength
from maagn.video.overview import PROPOSED, Overview, crosses_cut, propose
from maagn.video.validate import SECTION

LONG_SECONDS = 10.0
"""A clip that lasts longer opens on a section: a single action seldom takes as long."""


def settle(chosen: Selection) -> Selection:
    """Draw the film with its section, and give the selection with the section that holds.

    The page ends here where a long film could not be looked through.
    """
    clip = chosen.clip
    if clip.path is None or not clip.path.is_file():  # a rendered clip, or a folder of pictures
        return chosen if clip.section is None else _refused(chosen, "this clip is no file")
    if clip.section is None and clip_named(clip.link) is not None:
        return _folded(chosen)  # the gallery's are short: the first screen does not wait to hear it
    try:
        film = cache.length(clip)
    except ClipError:
        return chosen  # what is wrong is said where the clip is read
    chosen = _fitting(chosen, film)
    if film.seconds <= LONG_SECONDS:
        return _folded(chosen)
    overview = _overview(clip)
    if overview is None:
        st.stop()
    return _drawn(chosen, overview)


def _fitting(chosen: Selection, film: FilmLength) -> Selection:
    """The selection without a section that the film does not have, or that is too short."""
    section = chosen.clip.section
    if section is None:
        return chosen
    if section.end > film.seconds + ROUNDING:
        return _refused(chosen, f"the film ends at {film.seconds:.2f} s")
    frames, least = _frames(chosen), shortest(_frames(chosen), film.frames / film.seconds)
    if section.seconds < least - ROUNDING:
        return _refused(chosen, f"networks need {frames} frames, which last {least:.2f} s")
    section = _within(section, film.seconds)
    whole = section == Section(0.0, film.seconds) and film.seconds <= LONG_SECONDS
    return _with(chosen, None if whole else section)


def _frames(chosen: Selection) -> int:
    """How many frames the networks see at most."""
    return max(cache.card(name).spec.frames for name in chosen.question.models)


def shortest(frames: int, per_second: float) -> float:
    """Seconds of a section that has so many frames, wherever it begins; whole milliseconds."""
    return math.ceil(1000 * frames / per_second) / 1000


def _folded(chosen: Selection) -> Selection:
    """The strip of a short clip, which is seen whole at first, where a visitor opens it."""
    clip = chosen.clip
    with st.expander("Section", key="section-folded", on_change="rerun") as folded:
        overview = _overview(clip) if folded.open else None
        if overview is not None:
            return _drawn(chosen, overview)
    if clip.section is not None:
        words = _told(clip.section, cache.length(clip).seconds, _frames(chosen))
        elements.words(words, key="section")
    return chosen


def _overview(clip: ClipChoice) -> Overview | None:
    """Of the whole film, which the queue looks through once."""

    def look(job: Job) -> Overview:
        return cache.overview(clip, lambda part: job.step(part, f"Looking through {clip.name}"))

    return worked_out(("overview", clip.path, clip.stamp), look, height=HEIGHT)


def _drawn(chosen: Selection, overview: Overview) -> Selection:
    """The words, the strip and what is to be warned of."""
    length, frames = overview.film_seconds, _frames(chosen)
    least = shortest(frames, overview.frames_per_second)
    if length < least:  # networks say so themselves
        return chosen
    first = _proposed(overview, least)
    if chosen.clip.section is None and length > LONG_SECONDS:
        chosen = _with(chosen, first)
    clip = chosen.clip
    section = clip.section or Section(0.0, length)
    with st.container(key="section", gap="small"):
        words, buttons = st.columns([7, 3], vertical_alignment="center")
        with words:
            elements.words(_told(section, length, frames, first=first), key="section")
        with buttons.container(horizontal=True, horizontal_alignment="right"):
            _buttons(clip, section, length, first=first)
        strip = Strip(str((clip.path, clip.stamp)), overview, section, least, f"{frames} frames")
        show_strip(strip, key="filmstrip", on_change=partial(_choose, clip))
        _warn_of_cut(clip, section, overview, least)
    return chosen


def _proposed(overview: Overview, least: float) -> Section:
    """Where most moves; between cuts that are too close for the networks, across one of them."""
    first, length = propose(overview, max(PROPOSED, least)), overview.film_seconds
    if first.seconds < least:
        start = min(first.start, length - least)
        first = Section(start, start + least)
    return _within(first, length)


def _within(section: Section, length: float) -> Section:
    """The section in an address's decimals; it ends with the film where they agree in these."""
    end = length if section.end > length - ROUNDING else round(section.end, 3)
    return Section(round(section.start, 3), end)


def _refused(chosen: Selection, why: str) -> Selection:
    """The selection without its section; the visitor is told why."""
    st.warning(
        f"The section {chosen.clip.section} cannot be shown: {why}. It is ignored.",
        icon=":material/warning:",
    )
    return _with(chosen, None)


def _with(chosen: Selection, section: Section | None) -> Selection:
    """The selection with that section, which then stands in the address."""
    if section == chosen.clip.section:
        return chosen
    clip = replace(chosen.clip, section=section)
    session.show_section(clip)
    chosen = replace(chosen, question=replace(chosen.question, clip=clip))
    session.put_selection(chosen)
    return chosen


def _told(section: Section, length: float, frames: int, *, first: Section | None = None) -> str:
    """What networks see of the film, and why."""
    gap = f"{frames} frames, one every {section.seconds / frames:.2f} s."
    if section == Section(0.0, length):
        return f"Networks see **all {length:.2f} s**: {gap}"
    seen = f"Networks see **{section}** of {length:.{0 if length > LONG_SECONDS else 2}f} s"
    if section == first:
        return f"{seen}, where most moves: {gap} Change it on the strip."
    return f"{seen}: {gap}"


def _buttons(clip: ClipChoice, section: Section, length: float, *, first: Section) -> None:
    """Back to what is proposed, and to all of it."""
    whole = Section(0.0, length)
    st.button(
        "Where most moves", key="section-proposal", disabled=section == first,
        on_click=_choose, args=(clip, first),
    )  # fmt: skip
    too_long = length > SECTION.seconds
    st.button(
        "Whole film", key="section-whole", disabled=too_long or section == whole,
        help=f"Networks are shown {SECTION.seconds:.0f} s at most." if too_long else None,
        on_click=_choose, args=(clip, whole if length > LONG_SECONDS else None),
    )  # fmt: skip


def _warn_of_cut(clip: ClipChoice, section: Section, overview: Overview, least: float) -> None:
    """A section across a cut shows two scenes, of which networks know nothing."""
    cut = crosses_cut(section, overview.cuts)
    if cut is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="section-cut"):
        st.warning(
            f"There is a cut at {cut:.2f} s: networks see two scenes as one action.",
            icon=":material/content_cut:",
        )
        if cut - section.start >= least:
            words, uncut = "End before the cut", Section(section.start, round(cut, 3))
        elif section.end - cut >= least:
            words, uncut = "Begin after the cut", Section(round(cut, 3), section.end)
        else:
            return
        st.button(words, key="section-uncut", on_click=_choose, args=(clip, uncut))


def _choose(clip: ClipChoice, section: Section | None) -> None:
    session.choose_clip(replace(clip, section=section))
