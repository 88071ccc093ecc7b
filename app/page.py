"""What every page begins and ends with, and the way from one page to another."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from app import audits, cache, controls, elements, html_report, section, session
from app.elements import markdown
from app.facts import asked_of, data_of
from app.gallery.catalogue import gallery
from app.networks import groups, is_demonstration
from app.selection import ClipChoice, Selection


def show(names: tuple[str, ...]) -> None:
    """Draw a banner that says what the models were trained on."""
    models = [cache.card(name) for name in names]
    first = models[0]
    if first.taught is not None:
        kind = "Taught weights"
    else:
        kind = "Demonstration weights" if is_demonstration(first) else "Custom weights"
    text, more = st.columns([6, 1], vertical_alignment="center")
    text.info(
        f"{kind}, trained on {markdown(data_of(first))}, "
        f"{len(first.labels)} classes. Other clips are still assigned one of these classes.",
        icon=":material/info:",
    )
    with more.popover("Weights", icon=":material/description:", width="stretch"):
        for model in models:
            made = model.provenance
            st.markdown(f"**{markdown(model.name)}**")
            st.caption(f"Trained on {markdown(made.trained_on)}.")
            st.code(made.command, language="bash", wrap_lines=True)
            figures = [f"{markdown(k.replace('_', ' '))} {v:.1%}" for k, v in made.metrics.items()]
            if not made.epochs:
                st.caption(markdown(f"Trained {made.hardware}. {made.published}"))
                continue
            st.caption(
                f"{made.clips:,} clips seen in {made.epochs} epochs on {markdown(made.hardware)}; "
                + "; ".join(figures)
            )


def _say_if_fitted(chosen: Selection) -> None:
    """What a taught network says of a clip that it was fitted on is no test of it."""
    told = cache.card(chosen.question.models[0]).taught
    digest = cache.content_of(chosen.clip)
    if told is None or digest is None or told.class_of(digest) is None:
        return
    st.caption(
        "The networks' heads were fitted on this very clip, so that their predictions here are no "
        "test of them. Compare and Errors show what heads say of it that were fitted without it."
    )


_FOLDER = Path(__file__).parents[1] / "pages"
_FIRST = "explore"
_NAMES = {
    "explore": ("Explore", ":material/play_circle:"),
    "timeline": ("Timeline", ":material/view_timeline:"),
    "attention": ("Attention", ":material/timeline:"),
    "gating": ("Gating", ":material/tune:"),
    "evidence": ("Evidence", ":material/search:"),
    "whatif": ("What if?", ":material/science:"),
    "arrow": ("Arrow of time", ":material/swap_horiz:"),
    "compare": ("Compare", ":material/balance:"),
    "errors": ("Errors", ":material/rule:"),
    "data": ("Data", ":material/video_library:"),
    "teach": ("Teach", ":material/model_training:"),
    "learn": ("Learn", ":material/school:"),
    "paper": ("Paper", ":material/article:"),
    "settings": ("Settings", ":material/settings:"),
}


def named(name: str) -> StreamlitPage:
    """One page, for this run of the script alone.

    Streamlit marks in the object of a page that it may run now: of two visitors' runs at the same
    moment one would take the mark from the other, who then sees an error.

    Args:
        name: as in the address; `explore`, or "", is the first.
    """
    title, icon = _NAMES[name or _FIRST]
    file = _FOLDER / f"{name or _FIRST}.py"
    return st.Page(file, title=title, icon=icon, default=name in ("", _FIRST))


def pages() -> list[StreamlitPage]:
    """All pages in the order of the navigation, for this run of the script."""
    return [named(name) for name in _NAMES]


def closed(front_door: Callable[[], None]) -> list[StreamlitPage]:
    """All addresses, each leading to the front door only."""
    return [
        st.Page(front_door, title=title, icon=icon, url_path=name, default=name == _FIRST)
        for name, (title, icon) in _NAMES.items()
    ]


def choose() -> None:
    """The sidebar, which is the same on every page; what is chosen there is kept for `begin`."""
    session.put_selection(controls.choose() if groups() else None)


def selection() -> Selection | None:
    """What the visitor has chosen in the sidebar; None without a clip or without networks."""
    chosen = session.selection()
    return chosen if isinstance(chosen, Selection) else None


def begin(
    question: str,
    *,
    clip: bool = True,
    whole: bool = False,
    networks: tuple[str, ...] | None = None,
) -> Selection:
    """Title, provenance, the shared choices; the page ends here where there is nothing to show.

    Args:
        question: the title.
        clip: whether the page is about a clip; if not, the sidebar still keeps its choices.
        whole: whether the page is about a film as a whole, whichever section of it was chosen.
        networks: that the page is about, where those are not the sidebar's; none where the files
            of all of them are elsewhere.
    """
    there = groups()
    chosen = selection()
    shown = chosen.question.models if chosen else next(iter(there.values()), ())
    shown = shown if networks is None else networks
    about = chosen.clip if chosen and clip and networks is None else None
    about = about.whole if about and whole else about
    cards = [cache.card(name) for name in shown]
    lines = [(card, audits.summary_of(card) or "none") for card in cards]
    elements.begin(question, asked_of(about, lines))
    st.header(question, anchor=False)
    if not there:
        st.info("There are no models in checkpoints/ yet. This trains those of the explorer:")
        st.code("make models", language="bash")
        st.stop()
    with st.container():  # so that a note moves nothing below it: an open camera stays
        for text in session.take_notes():
            st.warning(markdown(text), icon=":material/warning:")
    if shown:
        show(shown)
    if chosen is not None and clip and networks is None:
        if not whole:
            chosen = section.settle(chosen)
            elements.about(asked_of(chosen.clip, lines))
        _say_if_fitted(chosen)
    if chosen is None:
        if clip:
            elements.dead_end(
                "Choose a clip of the gallery, or upload your own, on the left.",
                key="clip",
                ways={"Open the first": partial(session.choose_clip, gallery()[0].choice())},
            )
            st.stop()
        raise RuntimeError("a page without a clip needs the gallery's first")
    return chosen


def finish() -> None:
    """End a page: offer it as a report, and its numbers as Python code."""
    html_report.offer(elements.sheet())


def open_clip(choice: ClipChoice, *, page: str = "explore", networks: str | None = None) -> None:
    """Go to a page with that clip.

    Args:
        choice: the clip.
        page: where to.
        networks: title of the group that is chosen there; None keeps the present one.

    Raises:
        KeyError: no such page.
    """
    session.choose_clip(choice)
    if networks is not None:
        session.choose_later("networks", networks)
    link = {"clip": choice.link, **session.section_in_link(choice.section)} if choice.link else None
    st.switch_page(named(page), query_params=link)


def open_data(view: str) -> None:
    """Go to a view of the page Data; does not return."""
    session.choose_later("view", view)
    st.switch_page(named("data"), query_params={})


def open_run(title: str, page: str) -> None:
    """Go to a page with that run; does not return.

    Args:
        title: of the run, as it is offered in the sidebar.
        page: where to.

    Raises:
        KeyError: no such page.
    """
    session.choose_later("run", title)
    st.switch_page(named(page), query_params={})  # the run is written there by its widget
