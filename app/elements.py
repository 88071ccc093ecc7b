"""What a page draws and people may want to take away: drawn here, kept for the report.

Names of files, classes, networks and data sets are people's own. Where they meet Markdown (also
labels of buttons and links, captions of pictures, the words of a progress bar), they pass through
`markdown`, which shows them letter by letter.
"""

import hashlib
import io
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from app import cache, session
from app.components.player import PlayerView, Series, TimeChart, show_player
from app.components.saver import show_saver
from maagn.errors import MaagnError
from maagn.spreadsheet import cell

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


_CONFIG = {"displaylogo": False, "displayModeBar": True}


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
    """The contents of a page: its question, what was drawn, and the code that reproduces it."""

    question: str
    exhibits: dict[str, Exhibit] = field(default_factory=dict)
    code: str = ""


def begin(question: str) -> None:
    """Start a new page: forget what the previous run drew."""
    session.put_sheet(PageContents(question))


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
    **options: Any,  # noqa: ANN401 - st.plotly_chart's own
) -> Any:  # noqa: ANN401 - its selection, where one was asked for
    """A Plotly figure with its downloads: PNG and SVG, and CSV and NPZ of the numbers in it.

    Args:
        fig: the figure.
        key: unique on the page; also the name of the files.
        title: heading over it.
        alt: what it shows, in a sentence.
        table: the numbers as rows.
        arrays: the numbers as arrays.
        options: of `st.plotly_chart`, e.g. `on_select="rerun"`.
    """
    sheet().exhibits[key] = Exhibit(title, fig, alt)
    with st.container(key=f"figure-{key}", gap="small"):
        st.markdown(f"**{markdown(title)}**")
        state = st.plotly_chart(fig, key=key, config=_CONFIG, alt=alt, **options)
        npz = None
        if arrays:
            _, npz = cache.files((key, _digest(arrays)), lambda: (None, _npz(arrays)))
        show_saver(key, picture=True, csv=_csv(table), npz=npz)
    return state


def table(
    frame: pd.DataFrame,
    *,
    key: str,
    title: str,
    **options: Any,  # noqa: ANN401 - st.dataframe's own
) -> Any:  # noqa: ANN401 - its selection, where one was asked for
    """A table with its download as CSV.

    Args:
        frame: the rows.
        key: unique on the page; also the name of the file.
        title: heading over it.
        options: of `st.dataframe`, e.g. `on_select="rerun"`.
    """
    sheet().exhibits[key] = Exhibit(title, frame)
    with st.container(key=f"table-{key}", gap="small"):
        st.markdown(f"**{markdown(title)}**")
        options.setdefault("hide_index", True)
        options.setdefault("alt", title)
        state = st.dataframe(frame, key=key, **options)
        show_saver(key, picture=False, csv=_csv(frame), npz=None)
    return state


def player(view: PlayerView, *, key: str) -> None:
    """Draw the player, with downloads of its maps and charts (NPZ) and its charts (CSV)."""
    sheet().exhibits[key] = Exhibit(view.title, view)
    show_player(view, key=key)
    arrays: dict[str, NDArray[Any]] = {"seconds": view.seconds, "positions": view.positions}
    for overlay in view.overlays:
        arrays |= {
            f"{overlay.name}.maps": overlay.maps,
            f"{overlay.name}.seconds": overlay.map_seconds,
        }
    series = [(chart, one) for chart in view.charts for one in chart.series]
    arrays |= {f"{chart.group}.{chart.title}.{one.label}": one.values for chart, one in series}
    moments = {f"{index}.{chart.unit}": one.seconds for index, (chart, one) in enumerate(series)}
    csv, npz = cache.files(
        ("player", _digest(arrays | moments)), lambda: (_csv(_rows(series)), _npz(arrays))
    )
    show_saver(key, picture=False, csv=csv, npz=npz)


def _rows(series: list[tuple[TimeChart, Series]]) -> pd.DataFrame | None:
    """Every moment of every line of the player's charts."""
    rows = [
        {"path": chart.group, "chart": chart.title, "unit": chart.unit,
         "series": one.label, "seconds": second, "value": value}
        for chart, one in series
        for second, value in zip(one.seconds.tolist(), one.values.tolist(), strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows) if rows else None


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


def _digest(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """A digest of names, shapes and contents, as a cache key."""
    found = hashlib.blake2b(digest_size=16)
    for name, values in arrays.items():
        found.update(f"{name}\0{values.dtype}{values.shape}".encode())
        found.update(np.ascontiguousarray(values).data)
    return found.digest()


def _csv(frame: pd.DataFrame | None) -> str | None:
    if frame is None:
        return None
    return frame.rename(columns=cell).map(cell).to_csv(index=False)


def _npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(
        file, allow_pickle=False, **{k.replace("/", "_"): v for k, v in arrays.items()}
    )
    return file.getvalue()
