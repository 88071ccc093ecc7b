"""`maagn bench`: how fast is it here?"""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from maagn.cli.failure import one_line

bench = typer.Typer(help="How fast is it on this machine?", no_args_is_help=True)


@bench.command()
@one_line()
def queries(
    run: Annotated[
        Path | None, typer.Argument(help="A run's folder; without, one is made up.")
    ] = None,
    clips: Annotated[int, typer.Option(min=1, help="Videos of the run made up.")] = 50_000,
    classes: Annotated[int, typer.Option(min=6, help="Classes of the run made up.")] = 174,
    models: Annotated[int, typer.Option(min=2, help="Networks of the run made up.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """How long do the first page, a cell's clips and the changed clips of a run take?"""
    from maagn.runs.made_up import make_up
    from maagn.runs.timing import measure

    with tempfile.TemporaryDirectory(prefix="maagn-bench-") as folder:
        if run is None:
            run = Path(folder) / "run"
            make_up(run, clips=clips, classes=classes, models=models)
        found = measure(run)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1))
        return
    typer.echo(f"first page     {found.page * 1000:7.0f} ms   (target 2,000)")
    typer.echo(f"a cell's clips {found.cell * 1000:7.0f} ms   (target 300)")
    typer.echo(f"  the slowest  {found.slowest_cell * 1000:7.0f} ms")
    typer.echo(f"changed clips  {found.changed * 1000:7.0f} ms")
    typer.echo(f"memory         {found.megabytes:7.0f} MB   (target 1,000)")
