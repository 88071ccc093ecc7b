"""What of the paper is where: the rows of docs/paper.md, and the code of each module."""

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from app import elements
from app.page import named
from maagn.nn.agm import AdaptiveGating, Gate
from maagn.nn.head import Head
from maagn.nn.maagn import MAAGN, PathBlock
from maagn.nn.mtam import TemporalAttention
from maagn.nn.pyramid import Pyramid
from maagn.nn.resnet import Backbone, shift
from maagn.nn.sdm import SpatialDifference

DOCUMENT = Path(__file__).parents[2] / "docs" / "paper.md"
_CELLS = 5
_FILE = re.compile(r"`(?:maagn/nn/)?(\w+\.py)`")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_PAGES = {
    "sdm.py": "attention",
    "mtam.py": "attention",
    "agm.py": "gating",
    "maagn.py": "explore",
    "resnet.py": "explore",
    "pyramid.py": "compare",
    "build.py": "settings",
}


@dataclass(frozen=True)
class Row:
    """One row of the paper's tables.

    Attributes:
        what: of the paper, e.g. `Eq. 4`.
        code: file and name.
        file: the file alone, under maagn/nn; a row that says "the same"
            has the file of the row above.
        unclear: what the paper leaves open.
        chosen: what was chosen.
        pinned: the tests that hold it.
        page: name of the page that shows it.
    """

    what: str
    code: str
    file: str
    unclear: str
    chosen: str
    pinned: str
    page: str


def read_rows(path: Path = DOCUMENT) -> tuple[Row, ...]:
    """All rows, in the document's order; none where the file is missing."""
    if not path.is_file():
        return ()
    rows: list[Row] = []
    kind = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if not line.startswith("|") or len(cells) != _CELLS or set(cells[0]) <= set("-| "):
            continue
        if cells[1] == "Code":
            kind = cells[0]
            continue
        named = _FILE.search(cells[1])
        file = named[1] if named else (rows[-1].file if rows else "")
        texts = [_LINK.sub(r"\1", cell) for cell in cells]
        what = _titled(kind, texts[0])
        rows.append(
            Row(what, texts[1], file, texts[2], texts[3], texts[4], _PAGES.get(file, "explore"))
        )
    return tuple(rows)


def _titled(kind: str, text: str) -> str:
    """What the row is about, with the kind of its table: Eq. 4, Figure 1, Table 3."""
    return f"Figure 1: {text}" if kind == "Part" else f"{kind} {text}"


MODULES: dict[str, Callable[..., Any]] = {
    "The whole network (Fig. 1)": MAAGN,
    "Backbone: one run for all paths": Backbone,
    "Temporal shift": shift,
    "One path (Table 3)": PathBlock,
    "SDM (Eqs. 1 to 6, Table 4)": SpatialDifference,
    "MTAM (Eqs. 7 to 13, Table 5)": TemporalAttention,
    "The gate (Eq. 14)": Gate,
    "AGM (Eqs. 15 and 16)": AdaptiveGating,
    "TPN's pyramid": Pyramid,
    "A path's head": Head,
}


def source(thing: Callable[..., Any]) -> str:
    """Its code as it runs here; beartype's and torch's wrappers put aside."""
    return inspect.getsource(inspect.unwrap(thing))


def place(thing: Callable[..., Any]) -> str:
    """File and name, e.g. `maagn/nn/sdm.py: SpatialDifference`."""
    return f"{thing.__module__.replace('.', '/')}.py: {thing.__name__}"


def show(rows: Sequence[Row]) -> None:
    """The table of the paper's parts; then the code, a module an expander."""
    if rows:
        elements.words(markdown(rows), key="paper")
        with st.expander("Which test holds each choice"):
            elements.table(table(rows), key="held", title="Choices and the tests that hold them")
    else:
        st.warning(
            "docs/paper.md is missing, which says what of the paper is where: "
            "take it from the project. The code below is complete.",
            icon=":material/description:",
        )
    _pages(rows)
    st.subheader("The code as it runs here", anchor=False)
    for title, thing in MODULES.items():
        with st.expander(f"{title} · `{place(thing)}`"):
            st.code(source(thing), language="python", line_numbers=True)


def markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table, in which long texts wrap."""
    lines = ["| paper | code | page | what it leaves open | what was chosen |", "|---" * 5 + "|"]
    lines += [
        f"| {row.what} | {_code(row)} | {named(row.page).title} | {row.unclear} | {row.chosen} |"
        for row in rows
    ]
    return "\n".join(lines)


def table(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows with their tests, as a data frame to download."""
    return pd.DataFrame(
        [
            {
                "paper": row.what,
                "held by": row.pinned.replace("`", ""),
                "code": _code(row).replace("`", ""),
                "page": named(row.page).title,
                "what it leaves open": row.unclear.replace("`", ""),
                "what was chosen": row.chosen.replace("`", ""),
            }
            for row in rows
        ]
    )


def _code(row: Row) -> str:
    """Its place; a row that names no file is in the one of the row above."""
    return row.code if row.file in row.code else f"`{row.file}`: {row.code}"


def _pages(rows: Sequence[Row]) -> None:
    """The pages that show parts of the paper, to go there."""
    with st.container(horizontal=True):
        for name in dict.fromkeys(row.page for row in rows):
            page = named(name)
            st.page_link(page, label=f"Seen on: {page.title}", icon=page.icon)
