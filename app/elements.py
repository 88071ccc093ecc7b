"""What a page draws and people may want to take away: drawn here, kept for the report.

Names of files, classes, networks and data sets are people's own. Where they meet Markdown (also
labels of buttons and links, captions of pictures, the words of a progress bar), they pass through
`markdown`, which shows them letter by letter.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from app import columns, downloads, session
from app.components.player import PlayerView, show_player
from app.facts import Facts
from maagn.errors import MaagnError
from maagn.figures.layout import Kind, Width

_MARKS = re.compile(r"[\\`*_\[\]<>#|$~&]|:(?=\S)")
_FIRST = re.compile(r"^(?:\d+(?=[.)])|(?=[-+=]))")  # what begins a list or a line
_LINES = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_JOINER = "\u2060"  # no width, no break
# Streamlit reads these in the text that is left when the backslashes are gone: icons and emojis
# (`:delete:`), links (`www.`, `https:`, `me@here`), arrows and dashes (`->`, `--`, `>=`, `~=`).
_READ_LATE = re.compile(r"(?<=:)(?=\S)|(?<=w)(?=\.)|(?<=\S)(?=@)|(?<=[-<>~=])(?=[-<>~=])")


def markdown(text: str) -> str:
    """The text with every mark of Markdown made a plain letter, on one line.

    Where a mark cannot be escaped, an invisible word joiner parts it.
    """
    parted = _READ_LATE.sub(_JOINER, _LINES.sub(" ", text).strip())
    escaped = _MARKS.sub(r"\\\g<0>", parted)
    return _FIRST.sub(r"\g<0>\\", escaped)


def show(error: BaseException) -> None:
    """Draw an error: a named one by its message; any other is also logged in full."""
    if isinstance(error, MaagnError):
        st.error(markdown(str(error)), icon=":material/error:")
        return
    logging.getLogger(__name__).error("an answer failed", exc_info=error)
    st.error(
        "Something in the explorer itself failed. Try another clip; the log has the details.",
        icon=":material/error:",
    )


_CONFIG = {
    "displaylogo": False,
    "displayModeBar": "hover",
    "modeBarButtonsToRemove": ["autoScale2d"],  # a double click does what it does
}


@dataclass(frozen=True, eq=False)
class Exhibit:
    """One thing on a page.

    Attributes:
        title: what it is called.
        content: a figure, a table, a player's view, or a text in Markdown.
        alt: what it shows, for those who do not see it.
    """

    title: str
    content: go.Figure | pd.DataFrame | PlayerView | str
    alt: str = ""


@dataclass(eq=False)
class PageContents:
    """The contents of a page: its question, what was drawn, and the code that reproduces it.

    Attributes:
        question: the title.
        exhibits: what was drawn, in order.
        code: lines of Python that compute the same.
        facts: which clip, class, maps and networks it is about.
        page: its name in the address.
        run: a line about the run that made it, e.g. `Run: NAME`; empty for none.
    """

    question: str
    exhibits: dict[str, Exhibit] = field(default_factory=dict)
    code: str = ""
    facts: Facts = field(default_factory=Facts)
    page: str = ""
    run: str = ""


def begin(question: str, facts: Facts | None = None) -> None:
    """Start a new page: forget what the previous run drew.

    Args:
        question: the title.
        facts: what is known of it before anything is computed.
    """
    session.put_sheet(PageContents(question, facts=facts or Facts(), page=session.page()))


def about(facts: Facts) -> None:
    """Say what the page turned out to be about; what is drawn from now on is named after it."""
    sheet().facts = facts


def sheet() -> PageContents:
    """The contents drawn on the page so far."""
    found = session.sheet()
    return found if isinstance(found, PageContents) else PageContents("")


def figure(
    fig: go.Figure,
    *,
    key: str,
    title: str,
    alt: str,
    table: pd.DataFrame | None = None,
    arrays: Mapping[str, NDArray[Any]] | None = None,
    more: Mapping[str, Sequence[downloads.Download]] | None = None,
    facts: Facts | None = None,
    **options: Any,  # noqa: ANN401 - st.plotly_chart's own
) -> Any:  # noqa: ANN401 - its selection, where one was asked for
    """A Plotly figure with its downloads: the figure for print, and the numbers in it.

    Args:
        fig: the figure.
        key: unique on the page; also part of the files' names.
        title: heading over it.
        alt: what it shows, in a sentence.
        table: the numbers as rows.
        arrays: the numbers as arrays.
        more: further files, by what they are.
        facts: what it is about, where that is not what the page is about.
        options: of `st.plotly_chart`, e.g. `on_select="rerun"`.
    """
    sheet().exhibits[key] = Exhibit(title, fig, alt)
    known = facts or sheet().facts
    name = _namer(known, key)
    with st.container(key=f"figure-{key}", gap="small"):
        st.markdown(f"**{markdown(title)}**")
        state = st.plotly_chart(fig, key=key, config=_CONFIG, alt=alt, **options)

        def draw(width: Width, kind: Kind) -> bytes:
            from maagn.figures.printed import print_chart  # Matplotlib, when a file is asked for

            return print_chart(fig, title=title, width=width, kind=kind, about=alt)

        files = downloads.for_print(draw, name)
        files |= downloads.numbers(
            known,
            partial(name, ""),
            table=None if table is None else lambda: table,
            arrays=None if not arrays else lambda: arrays,
        )
        downloads.show(key, files | dict(more or {}))
    return state


def table(
    frame: pd.DataFrame,
    *,
    key: str,
    title: str,
    facts: Facts | None = None,
    **options: Any,  # noqa: ANN401 - st.dataframe's own
) -> Any:  # noqa: ANN401 - its selection, where one was asked for
    """A table with its download as CSV; text that is too wide for its column is in several lines.

    Args:
        frame: the rows.
        key: unique on the page; also part of the file's name.
        title: heading over it.
        facts: what it is about, where that is not what the page is about.
        options: of `st.dataframe`, e.g. `on_select="rerun"`.
    """
    sheet().exhibits[key] = Exhibit(title, frame)
    known = facts or sheet().facts
    with st.container(key=f"table-{key}", gap="small"):
        st.markdown(f"**{markdown(title)}**")
        options.setdefault("hide_index", True)
        options.setdefault("alt", title)
        fitted = columns.fit(frame, selected="on_select" in options)
        configured = options.pop("column_config", {})
        options["column_config"] = configured | {
            name: {**configured.get(name, {}), "width": width}
            for name, width in fitted.widths.items()
        }
        options["row_height"] = fitted.row_height
        state = st.dataframe(frame, key=key, **options)
        name = partial(_namer(known, key), "")
        downloads.show(key, downloads.numbers(known, name, table=lambda: frame))
    return state


def player(view: PlayerView, *, key: str) -> None:
    """Draw the player, with downloads: a filmstrip and the charts for print, and the numbers."""
    sheet().exhibits[key] = Exhibit(view.title, view)
    show_player(view, key=key)
    name = _namer(view.facts, key)
    files: dict[str, list[downloads.Download]] = {}
    for what in ("Filmstrip", "Charts") if view.charts else ("Filmstrip",):
        files |= downloads.for_print(
            partial(_printed, what, view), partial(_named, name, what.lower()), what=what
        )
    rows = view.rows()
    files |= downloads.numbers(
        view.facts,
        partial(name, ""),
        table=None if rows is None else lambda: rows,
        arrays=view.arrays,
    )
    downloads.show(key, files)


def _printed(what: str, view: PlayerView, width: Width, kind: Kind) -> bytes:
    from app.player_prints import charts, filmstrip  # Matplotlib, when a file is asked for

    draw = filmstrip if what == "Filmstrip" else charts
    return draw(view, width=width, kind=kind)


def _named(name: Callable[[str, str], str], what: str, width: str, ending: str) -> str:
    return name(f"{what} {width}", ending)


def _namer(facts: Facts, key: str) -> Callable[[str, str], str]:
    """Names of files from what more there is to say of each, and its ending."""
    page, path = sheet().page, sheet().facts.path

    def name(what: str, ending: str) -> str:
        return downloads.name_of(facts, page, f"{key} {path} {what}", ending=ending)

    return name


def whole(name: str, *, room: int = 200) -> None:
    """Write a chosen name beneath its list, where the list's one line is too short for it.

    Args:
        name: plain text.
        room: pixels of the line at 1280; those of a list in the sidebar.
    """
    if columns.text_pixels(name) > room:
        st.caption(markdown(name))


def dead_end(text: str, *, key: str, ways: Mapping[str, Callable[[], None]]) -> None:
    """Say why nothing is shown here, with a button for each way on.

    Args:
        text: Markdown: what is missing, and what to do.
        key: unique on the page.
        ways: what each button is called, plain text, and does; then the page is drawn anew.
    """
    st.info(text, icon=":material/info:")
    with st.container(key=f"ways-{key}", horizontal=True):
        for label, go in ways.items():
            name = f"way-{key}-{label}"
            if st.button(markdown(label), key=name, icon=":material/arrow_forward:"):
                go()
                st.rerun()


def words(text: str, *, key: str = "") -> None:
    """Draw Markdown text and include it in the report."""
    sheet().exhibits[key or f"words-{len(sheet().exhibits)}"] = Exhibit("", text)
    st.markdown(text)


def caption(text: str, *, key: str) -> None:
    """Draw Markdown text as small print and include it in the report."""
    sheet().exhibits[key] = Exhibit("", text)
    st.caption(text)


def equation(latex: str, *, key: str = "") -> None:
    """Draw a formula, typeset by KaTeX."""
    sheet().exhibits[key or f"equation-{len(sheet().exhibits)}"] = Exhibit("", f"$$\n{latex}\n$$")
    st.latex(latex)


def python(code: str) -> None:
    """Keep the Python lines that reproduce what the page shows."""
    sheet().code = code
