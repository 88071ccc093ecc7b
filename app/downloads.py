"""Files of what is drawn: made when they are asked for, named after clip, page and content."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from app.facts import Facts, clip_part, file_name, with_columns
from maagn.figures.layout import MIME, WIDTHS, Kind, Width


@dataclass(frozen=True)
class Download:
    """One file.

    Attributes:
        label: on its button; names the kind of file.
        name: of the file.
        mime: what browsers call its kind.
        make: its content.
    """

    label: str
    name: str
    mime: str
    make: Callable[[], bytes]


def show(key: str, files: Mapping[str, Sequence[Download]]) -> None:
    """A button that opens the list of files.

    Args:
        key: unique on the page.
        files: by what they are, e.g. `Numbers`.
    """
    with (
        st.container(horizontal=True, horizontal_alignment="right"),
        st.popover("Save", icon=":material/download:", key=f"save-{key}"),
    ):
        for heading, row in files.items():
            st.caption(heading)
            with st.container(horizontal=True, gap="small"):
                for file in row:
                    st.download_button(
                        file.label,
                        file.make,
                        file.name,
                        file.mime,
                        on_click="ignore",
                        key=f"save-{key}-{heading}-{file.label}",
                    )


def name_of(facts: Facts, page: str, *what: str, ending: str) -> str:
    """The name of a file: its clip, the page, and what is in it."""
    section = facts.section.partition(" of ")[0]
    return file_name(clip_part(facts.clip), section, page, *what, ending=ending)


def for_print(
    make: Callable[[Width, Kind], bytes], name: Callable[[str, str], str], *, what: str = "Figure"
) -> dict[str, list[Download]]:
    """PNG, SVG and PDF of one column and of two.

    Args:
        make: draws the figure.
        name: of the file, from the width in words and the ending.
        what: the figure is called.
    """
    return {
        f"{what}, {width} ({millimetres:.0f} mm)": [
            Download(
                kind.upper(),
                name(width, kind),
                mime,
                lambda width=width, kind=kind: make(width, kind),  # type: ignore[misc]
            )
            for kind, mime in MIME.items()
        ]
        for width, millimetres in WIDTHS.items()
    }


def numbers(
    facts: Facts,
    name: Callable[[str], str],
    *,
    table: Callable[[], pd.DataFrame] | None = None,
    arrays: Callable[[], Mapping[str, NDArray[Any]]] | None = None,
) -> dict[str, list[Download]]:
    """CSV and NPZ of what there is; each says what it is about.

    Args:
        facts: what the numbers are about.
        name: of the file, from its ending.
        table: the numbers as rows.
        arrays: the numbers as arrays.
    """
    files = []
    if table is not None:
        content = table
        files.append(
            Download(
                "CSV", name("csv"), "text/csv", lambda: with_columns(content(), facts).encode()
            )
        )
    if arrays is not None:
        values = arrays
        files.append(
            Download(
                "NPZ",
                name("npz"),
                "application/octet-stream",
                lambda: npz({**values(), **facts.arrays()}),
            )
        )
    return {"Numbers": files} if files else {}


def npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """NumPy's own format; opening it runs nothing (`allow_pickle=False`)."""
    file = io.BytesIO()
    np.savez_compressed(
        file, allow_pickle=False, **{k.replace("/", "_"): v for k, v in arrays.items()}
    )
    return file.getvalue()
