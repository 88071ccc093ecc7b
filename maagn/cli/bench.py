"""`maagn bench`: how fast is it here?"""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maagn.cli.failure import one_line
from maagn.cli.options import Device

if TYPE_CHECKING:
    from maagn.bench.row import Row

bench = typer.Typer(help="Measure speed and memory on this machine.", invoke_without_command=True)


@bench.callback()
@one_line()
def table(
    context: typer.Context,
    only: Annotated[
        list[str] | None, typer.Option(help="Topic to measure; repeatable. Default: all.")
    ] = None,
    short: Annotated[bool, typer.Option(help="Use smaller networks and fewer rounds.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="JSON file to update; rows of other topics are kept.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(help="Stored JSON; fail if a ratio is worse by more than 25 %."),
    ] = None,
) -> None:
    """Measure cost ratios in interleaved rounds, and print them beside their targets."""
    if context.invoked_subcommand is not None:
        return
    from maagn.bench.page import Table, slower
    from maagn.bench.row import described
    from maagn.bench.topics import TOPICS

    stored = Table.read(against) if against else None
    topics = list(only or TOPICS)
    for topic in topics:
        if topic not in TOPICS:
            raise typer.BadParameter(f"no topic {topic}: choose from {', '.join(TOPICS)}")
    found = {topic: _measure(topic, short) for topic in topics}
    measured = Table(described(), tuple(row for rows in found.values() for row in rows))
    typer.echo(measured.as_markdown())
    if out is not None:
        measured.write(out)
    worse = slower(stored, found, lambda topic: _measure(topic, short)) if stored else []
    for sentence in worse:
        typer.echo(sentence, err=True)
    if worse:
        raise typer.Exit(1)


def _measure(topic: str, short: bool) -> "tuple[Row, ...]":
    from maagn.bench.topics import TOPICS

    rows = []
    for found in TOPICS[topic](short):
        rows.append(found.as_short() if short else found)
        typer.echo(f"{rows[-1].what}: {rows[-1].ratio:.2f}", err=True)
    return tuple(rows)


@bench.command()
@one_line()
def page(
    stored: Annotated[Path, typer.Argument(help="JSON written by `maagn bench --out`.")],
    document: Annotated[Path, typer.Argument(help="Markdown page whose table is replaced.")],
) -> None:
    """Write a stored table and its figure into a page, without measuring anything."""
    from maagn.bench.page import Table, write

    write(Table.read(stored), document)


@bench.command()
@one_line()
def gpu(
    device: Device = None,
    short: Annotated[
        bool, typer.Option(help="Use the demonstration networks and one round.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="JSON file to update; its ratios are kept.")
    ] = None,
) -> None:
    """Measure networks on the GPU: latency, training speed, memory, agreement with the CPU."""
    from maagn.bench.figures import DeviceTable, Figure
    from maagn.bench.gpu import TOPICS
    from maagn.bench.page import Table
    from maagn.bench.row import described
    from maagn.device import CPU, choose
    from maagn.device import described as named
    from maagn.errors import DeviceError

    chosen = choose(device)
    if chosen == CPU and device != "cpu":
        raise DeviceError(
            "There is no GPU here to measure: run it where one is, or try it with --device cpu."
        )
    machine = {"device": named(chosen)} | described()
    figures: list[Figure] = []
    for measure in TOPICS.values():
        for figure in measure(chosen, short=short):
            typer.echo(f"{figure.network}, {figure.what}: {figure}", err=True)
            figures.append(figure)
            if out is not None:  # each at once: they stay if what comes next is stopped
                Table({}, (), DeviceTable(machine, tuple(figures))).write(out)
    typer.echo(DeviceTable(machine, tuple(figures)).as_markdown())


@bench.command()
@one_line()
def operators(
    short: Annotated[bool, typer.Option(help="Use the demonstration network.")] = False,
) -> None:
    """Profile MAAGN's forward by operator, in training form and in fast inference form."""
    from maagn.bench.operators import shares

    found = shares(short)
    typer.echo(f"| operator | {' | '.join(found)} |\n|---|{'---:|' * len(found)}")
    for kind in next(iter(found.values())):
        columns = (f"{one[kind] * 100:.1f} %" for one in found.values())
        typer.echo(f"| {kind} | {' | '.join(columns)} |")


@bench.command()
@one_line()
def queries(
    run: Annotated[
        Path | None, typer.Argument(help="A run's folder. Default: a synthetic run.")
    ] = None,
    clips: Annotated[int, typer.Option(min=1, help="Videos of the synthetic run.")] = 50_000,
    classes: Annotated[int, typer.Option(min=6, help="Classes of the synthetic run.")] = 174,
    models: Annotated[int, typer.Option(min=2, help="Networks of the synthetic run.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print only JSON.")] = False,
) -> None:
    """Time typical queries on a run: first page, clips of a cell, changed predictions."""
    from maagn.bench.synthetic import make_up, measure

    with tempfile.TemporaryDirectory(prefix="maagn-bench-") as folder:
        if run is None:
            run = Path(folder) / "run"
            make_up(run, clips=clips, classes=classes, models=models)
        timing = measure(run)
    if as_json:
        typer.echo(json.dumps(asdict(timing), indent=1))
        return
    typer.echo(f"first page     {timing.page * 1000:7.0f} ms   (target 2,000)")
    typer.echo(f"a cell's clips {timing.cell * 1000:7.0f} ms   (target 300)")
    typer.echo(f"  the slowest  {timing.slowest_cell * 1000:7.0f} ms")
    typer.echo(f"changed clips  {timing.changed * 1000:7.0f} ms")
    typer.echo(f"memory         {timing.megabytes:7.0f} MB   (target 1,000)")
