"""Networks on sets of videos that people bring: `evaluate --data` and `explain-dataset`."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from maagn.cli.explain import load
from maagn.cli.failure import one_line
from maagn.cli.videos import (
    ClassesFrom,
    Columns,
    Layout,
    Names,
    Pictures,
    Root,
    Split,
    Videos,
    open_source,
)

if TYPE_CHECKING:
    from maagn.data.videos import VideoSet
    from maagn.runs.engine import Progress
    from maagn.runs.plan import Kind
    from maagn.runs.processes import Processes

CropsName = Literal["centre", "three-crop", "ten-crop"]
PrecisionName = Literal["32-true", "bf16-mixed"]
Workers = Annotated[int, typer.Option(min=1, help="Videos read at a time.")]
Batch = Annotated[int, typer.Option(min=1, help="Videos asked about, and kept, together.")]
Threads = Annotated[
    int, typer.Option(min=1, help="Of a process's arithmetic; other numbers may round otherwise.")
]


@one_line()
def explain_dataset(
    data: Annotated[Path, typer.Option(help="A folder, or a list of videos.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; the same one goes on with it.")],
    model: Annotated[
        list[str] | None,
        typer.Option(help="A name in checkpoints/ or a file; give it again for more."),
    ] = None,
    layout: Layout = "auto",
    split: Split = "val",
    names: Names = None,
    root: Root = None,
    videos: Videos = None,
    pictures: Pictures = None,
    columns: Columns = "auto",
    classes_from: ClassesFrom = None,
    batch: Batch = 16,
    workers: Workers = 2,
    threads: Threads = 1,
) -> None:
    """Write the masks, gates, votes and a compact map of every video of a set."""
    source = partial(
        open_source, data, layout, split, names, root, videos, pictures, columns, classes_from
    )
    do_run("explanations", source, model, out, batch=batch, workers=workers, threads=threads)


def do_run(
    kind: "Kind",
    source: "Callable[[], VideoSet]",
    model: list[str] | None,
    out: Path,
    *,
    crops: CropsName = "centre",
    clips: int = 1,
    window: int = 0,
    batch: int = 16,
    workers: int = 2,
    threads: int = 1,
    precision: PrecisionName = "32-true",
    opposites: Path | None = None,
    mirrored: Path | None = None,
) -> None:
    """Begin a run, or go on with it, and tell how far it is."""
    from maagn.cli.folder import refuse_file
    from maagn.data.mapping import relabelled
    from maagn.label_files import read_class_pairs
    from maagn.runs.answers import Answering
    from maagn.runs.engine import run
    from maagn.runs.explanations import Explaining
    from maagn.runs.plan import Plan
    from maagn.runs.processes import join_processes
    from maagn.video.views import ViewSpec

    refuse_file(out)
    processes = join_processes()  # before networks are loaded: each goes to its process's GPU
    networks = load(model)
    if opposites is not None or mirrored is not None:
        given = read_class_pairs(networks[0].labels, opposites=opposites, mirrored=mirrored)
        networks = [replace(one, pairs=given.or_else(one.pairs)) for one in networks]
    videos = relabelled(source(), networks[0].labels)
    plan = Plan.of(
        networks,
        videos,
        kind=kind,
        views=ViewSpec(crops, clips),
        window=window,
        batch=batch,
        threads=threads,
        precision=precision,
    )
    asking = (Answering if kind == "answers" else Explaining)(plan, networks)
    written = run(
        out, plan, videos, asking, workers=workers, processes=processes, report=_teller(processes)
    )
    processes.leave()
    if processes.rank == 0:
        if kind == "answers":
            _print_overall(out)
        typer.echo(f"Written to {written}")
        _refuse_not_finite(written)


def _refuse_not_finite(written: Path) -> None:
    """A network whose numbers are not finite is no success, though its rows say so."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from maagn.errors import NonFinitePrediction
    from maagn.predict import NOT_FINITE

    rows = pq.read_table(written, columns=["model", "reason"])
    rows = rows.filter(pc.match_substring(rows["reason"], NOT_FINITE))
    if len(rows):
        names = ", ".join(sorted(set(rows["model"].to_pylist())))
        raise NonFinitePrediction(
            f"{len(rows):,} rows of {written} have a reason in place of an answer, because what "
            f"{names} computed is not finite: use an earlier checkpoint."
        )


def _teller(processes: "Processes") -> "Callable[[Progress], None]":
    def tell(progress: "Progress") -> None:
        left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f} s left"
        who = f"process {processes.rank}: " if processes.count > 1 else ""
        typer.echo(f"{who}{progress.done:,} of {progress.total:,} videos{left}", err=True)

    return tell


def _print_overall(out: Path) -> None:
    from maagn.cli.tables import print_overall, print_pairs
    from maagn.runs.queries import Queries

    queries = Queries(out)
    print_overall(queries.overall(), queries.unreadable(limit=10))
    print_pairs([(model, queries.pairs(model)) for model in queries.models])
