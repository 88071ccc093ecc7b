"""`maagn timeline`: what networks say over a long film."""

import json
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated

import typer

from maagn.cli.explain import load, names_of_files
from maagn.cli.failure import appearing_in, one_line, refuse_file
from maagn.cli.options import Device

if TYPE_CHECKING:
    from rich.table import Table

    from maagn.explain.timeline import NetworkTimeline, Timeline

_SEGMENTS = 40  # parts of a film that are printed of each network


@one_line()
def timeline(
    film: Annotated[
        Path, typer.Argument(help="A video file; put -- before a name that begins with -.")
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(help="Name in checkpoints/ or a file; repeatable."),
    ] = None,
    window: Annotated[
        float | None, typer.Option(help="Seconds that networks see at a time. Default: 2.")
    ] = None,
    step: Annotated[
        float | None,
        typer.Option(
            help="Seconds from the start of a window to the next one's. Default: a quarter of it."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for timeline.json, timeline.csv, and subtitles per network."),
    ] = None,
    device: Device = None,
) -> None:
    """Slide a window over FILM, however long, and print what networks say of each part."""
    if out is not None:
        refuse_file(out)
    from maagn.explain.timeline import timeline as ask

    line = ask(film, load(model, device), window=window, step=step, progress=_Teller())
    if out is not None:
        _write(out, line)
    _print(line)
    if out is not None:
        typer.echo(f"Written to {out}")


class _Teller:
    """Says on stderr which share of the film was seen, once a tenth."""

    def __init__(self) -> None:
        self._said = 0

    def __call__(self, share: float) -> None:
        tenth = int(10 * share)
        if tenth > self._said:
            self._said = tenth
            typer.echo(f"{10 * tenth} % of the film", err=True)


def _write(out: Path, line: "Timeline") -> None:
    from maagn.explain.timeline_file import csv, document, subtitles

    content = json.dumps(document(line), allow_nan=False, ensure_ascii=False)
    names = names_of_files([answers.model for answers in line.answers])
    with appearing_in(out) as folder:
        (folder / "timeline.json").write_text(content + "\n", encoding="utf-8")
        (folder / "timeline.csv").write_text(csv(line), encoding="utf-8")
        for name, answers in zip(names, line.answers, strict=True):
            path = folder / f"timeline-{name}.vtt"
            path.write_text(subtitles(line, answers), encoding="utf-8")


def _print(line: "Timeline") -> None:
    """What each network says of the film, part by part; of very many the longest."""
    from rich.console import Console
    from rich.text import Text

    from maagn.shown import plural

    console = Console()
    for answers in line.answers:
        console.print(_table(line, answers))
        parts = len(answers.segments())
        if parts > _SEGMENTS:
            console.print(Text(f"The longest {_SEGMENTS} of {parts} parts: --out has all."))
    for answers in line.answers:
        if answers.model.provenance.steps == 0:
            said = "no training on record, so its answers say little."
            console.print(Text(f"{answers.model.name}: {said}"))
    length = median((line.ends - line.starts).tolist())
    console.print(
        Text(
            f"{plural(len(line.starts), 'window')} of {length:.2f} s over "
            f"{line.film_seconds:.2f} s; {plural(len(line.cuts), 'cut')} in the film."
        )
    )


def _table(line: "Timeline", answers: "NetworkTimeline") -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from maagn.shown import percent

    table = Table(title=Text(answers.model.name), box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("Seconds", justify="right", no_wrap=True)
    table.add_column("Class")
    table.add_column("Mean probability", justify="right", no_wrap=True)
    longest = sorted(answers.segments(), key=lambda one: one.first - one.last)[:_SEGMENTS]
    for segment in sorted(longest, key=lambda one: one.first):
        label = Text(answers.model.labels[segment.label])
        table.add_row(str(line.part(segment)), label, percent(segment.probability))
    return table
