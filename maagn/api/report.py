"""A report at hand: it draws itself, becomes a table, and is kept in a file."""

import base64
import html
import io
import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Literal, get_args

import pandas as pd
import plotly.graph_objects as go
from PIL import Image

from maagn.checkpoint import CheckpointInfo, load_card
from maagn.errors import ReportError, UnknownTable
from maagn.explain import report, report_tables
from maagn.explain.report_file import models_of, read_reports, write_reports
from maagn.figures.filmstrip import filmstrip
from maagn.figures.heat import overlay, top_of_scale
from maagn.figures.report import report_figure
from maagn.io import atomic_write
from maagn.shown import strip_html

Table = Literal["answers", "summary", "masks", "gates", "evidence"]

_TABLES: dict[Table, Callable[[report.Report], pd.DataFrame]] = {
    "answers": report_tables.answers,
    "summary": report_tables.summary,
    "masks": report_tables.masks,
    "gates": report_tables.gates,
    "evidence": report_tables.evidence,
}

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<style>:root {{ color-scheme: light dark }} body {{ font-family: system-ui, sans-serif;
max-width: 1400px; margin: 2rem auto; padding: 0 1rem; line-height: 1.5 }}
img {{ max-width: 100% }} td, th {{ padding: 2px 12px 2px 0; text-align: left }}</style>
<h1>{title}</h1><pre>{said}</pre><img alt="{title}" src="data:image/png;base64,{picture}">
{tables}</html>
"""


class Report(report.Report):
    """One model's answer about one clip, and what it rests on: `maagn.explain`."""

    @classmethod
    def of(cls, made: report.Report) -> "Report":
        """The same report, at hand."""
        return cls(**{field.name: getattr(made, field.name) for field in fields(report.Report)})

    def _repr_html_(self) -> str:
        hot = overlay(
            self.inputs.pictures,
            self.cam,
            seconds=self.inputs.seconds,
            scale=top_of_scale(self.cam.values),
        )
        return strip_html(repr(self), hot, [f"{second:.2f} s" for second in self.inputs.seconds])

    def figure(self) -> go.Figure:
        """What the explorer shows first, as a Plotly figure (`maagn.figures.report`)."""
        return report_figure(self)

    def frame(self, table: Table = "answers") -> pd.DataFrame:
        """One of the report's tables (`maagn.explain.report_tables`).

        Args:
            table: `answers`, a row a class; `summary`, one row; `masks`, a row a mask and frame,
                and channel where it has some; `gates`, a row a path and frame; `evidence`, a row a
                frame of the map.

        Raises:
            UnknownTable: there is no such table.
        """
        return frame_of(self, table)

    def save(self, path: str | Path) -> Path:
        """Keep the report in a file.

        Args:
            path: its ending decides: `.npz` is read back by `maagn.load_report`; `.json` has what
                `maagn explain --json` prints; `.html` is a page that needs nothing else; `.png`
                is its picture.

        Returns:
            The path.

        Raises:
            ReportError: another ending.
        """
        path = Path(path)
        ending = path.suffix.lower()
        if ending not in _WRITERS:
            raise ReportError(
                f"{path.name} has no ending that a report is kept in: choose {', '.join(_WRITERS)}."
            )
        with atomic_write(path) as part:
            part.write_bytes(_WRITERS[ending](self))
        return path


def frame_of(made: report.Report, table: Table) -> pd.DataFrame:
    """One of a report's tables.

    Raises:
        UnknownTable: there is no such table.
    """
    check_table(table)
    return _TABLES[table](made)


def check_table(table: str) -> None:
    """Refuse the name of a table that reports do not have.

    Raises:
        UnknownTable: there is no such table.
    """
    if table not in _TABLES:
        raise UnknownTable(f"There is no table {table!r}: choose {', '.join(get_args(Table))}.")


def load_report(path: str | Path, model: CheckpointInfo | str | Path | None = None) -> Report:
    """What `Report.save` kept in a `.npz`; nothing of the file is run.

    Args:
        path: of the file.
        model: the network that it is of, its name, or its file; None finds it by its name.

    Raises:
        ReportError: no such file, it is not one of ours, or its network has other weights now.
        UnknownModel: the network is not there any more.
    """
    path = Path(path)
    names = models_of(path)
    if names is None:
        raise ReportError(f"{path.name} holds no report: give a .npz that a report was saved in.")
    if isinstance(model, CheckpointInfo):
        cards = {model.name: model}
    else:
        cards = {name: load_card(model or name) for name in names}
    found = read_reports(path, cards)
    if found is None:
        raise ReportError(
            f"{path.name} was made by other weights than {', '.join(names)} has now: explain the "
            "clip again."
        )
    return Report.of(found[0])


def _npz(made: Report) -> bytes:
    content = io.BytesIO()
    write_reports(content, [made])
    return content.getvalue()


def _json(made: Report) -> bytes:
    return json.dumps(report.document([made]), indent=1, allow_nan=False).encode() + b"\n"


def _png(made: Report) -> bytes:
    content = io.BytesIO()
    Image.fromarray(filmstrip(made)).save(content, "PNG")
    return content.getvalue()


def _html(made: Report) -> bytes:
    title = html.escape(f"{made.model.name} on {made.clip.title}")
    shown: tuple[Table, ...] = ("answers", "gates", "evidence")
    tables = [
        f"<h2>{name.capitalize()}</h2>{frame_of(made, name).to_html(index=False, border=0)}"
        for name in shown
        if len(frame_of(made, name))
    ]
    return _PAGE.format(
        title=title,
        said=html.escape(repr(made)),
        picture=base64.b64encode(_png(made)).decode(),
        tables="\n".join(tables),
    ).encode()


_WRITERS: dict[str, Callable[[Report], bytes]] = {
    ".npz": _npz,
    ".json": _json,
    ".html": _html,
    ".png": _png,
}
