"""`maagn models`, `evaluate`, `explain-dataset` and `probe`: how good are the networks?"""

import json
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from maagn.cli.data import (
    ClassesFrom,
    Columns,
    Layout,
    MirroredFile,
    Names,
    OppositesFile,
    Pictures,
    Root,
    SplitName,
    SplitOption,
    Videos,
    open_source,
)
from maagn.cli.explain import load
from maagn.cli.failure import one_line, without_nan
from maagn.cli.options import Device
from maagn.errors import CheckpointError, ResultsError

if TYPE_CHECKING:
    from maagn.data.videos import VideoSet
    from maagn.evaluate.plan import Kind
    from maagn.evaluate.processes import Processes
    from maagn.evaluate.results import Results
    from maagn.evaluate.runner import Progress

CropsName = Literal["centre", "three-crop", "ten-crop"]
PrecisionName = Literal["32-true", "bf16-mixed"]
Workers = Annotated[int, typer.Option(min=1, help="Videos read in parallel.")]
Batch = Annotated[
    int, typer.Option(min=1, help="Videos per batch; each batch is saved as one file.")
]
Threads = Annotated[int, typer.Option(min=1, help="CPU threads per process; may affect rounding.")]


@one_line()
def explain_dataset(
    data: Annotated[Path, typer.Option(help="A folder or a list of videos.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; an existing run is resumed.")],
    model: Annotated[
        list[str] | None,
        typer.Option(help="Name in checkpoints/ or a file; repeatable."),
    ] = None,
    layout: Layout = "auto",
    split: SplitOption = "val",
    names: Names = None,
    root: Root = None,
    videos: Videos = None,
    pictures: Pictures = None,
    columns: Columns = "auto",
    classes_from: ClassesFrom = None,
    batch: Batch = 16,
    workers: Workers = 2,
    threads: Threads = 1,
    device: Device = None,
) -> None:
    """Write masks, gates, votes and a compact activation map for every video of a set."""
    source = partial(
        open_source, data, layout, split, names, root, videos, pictures, columns, classes_from
    )
    do_run(
        "explanations",
        source,
        model,
        out,
        batch=batch,
        workers=workers,
        threads=threads,
        device=device,
    )


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
    features: bool = False,
    device: str | None = None,
) -> None:
    """Start a run, or resume it, and report progress on stderr."""
    from maagn.cli.failure import refuse_file
    from maagn.data.mapping import relabelled
    from maagn.evaluate.explanations import ExplanationRows
    from maagn.evaluate.plan import Plan
    from maagn.evaluate.prediction_rows import PredictionRows
    from maagn.evaluate.processes import join_processes
    from maagn.evaluate.results import write_results
    from maagn.evaluate.runner import run
    from maagn.evaluate.runs import results_of
    from maagn.evaluate.store import RESULTS
    from maagn.label_files import read_class_pairs
    from maagn.video.views import ViewSpec

    refuse_file(out)
    processes = join_processes(device)  # before networks are loaded: each goes to its process's GPU
    networks = load(model, device)
    if opposites is not None or mirrored is not None:
        given = read_class_pairs(networks[0].labels, opposites=opposites, mirrored=mirrored)
        networks = [replace(network, pairs=given.or_else(network.pairs)) for network in networks]
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
        features=features,
    )
    rows = (ExplanationRows if kind == "explanations" else PredictionRows)(plan, networks)
    written = run(
        out, plan, videos, rows, workers=workers, processes=processes, report=teller(processes)
    )
    processes.leave()
    if processes.rank == 0:
        try:
            if kind == "both-orders":
                found = results_of(written, networks, plan, videos, _command())
                write_results(out / RESULTS, found)
            if kind != "explanations":
                _print_found(out)
        except ResultsError as error:  # no clip that all networks predict: the rows say why
            typer.echo(str(error), err=True)
        typer.echo(f"Written to {written}")
        _refuse_not_finite(written)


def _refuse_not_finite(written: Path) -> None:
    """Raise `NonFinitePrediction` if any row's reason is that a network's output was not finite."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from maagn.errors import NonFinitePrediction
    from maagn.inference import NOT_FINITE

    rows = pq.read_table(written, columns=["model", "reason"])
    rows = rows.filter(pc.match_substring(rows["reason"], NOT_FINITE))
    if len(rows):
        names = ", ".join(sorted(set(rows["model"].to_pylist())))
        raise NonFinitePrediction(
            f"{len(rows):,} rows of {written} have a reason in place of a prediction, because what "
            f"{names} computed is not finite: use an earlier checkpoint."
        )


def held_out(split: SplitName | None) -> Literal["val", "test"]:
    """A split of the rendered clips that training never sees; the test split where none is named.

    Raises:
        BadParameter: it is the training split.
    """
    if split == "train":
        raise typer.BadParameter("is val or test", param_hint="--split")
    return split or "test"


def refuse_pairs(**files: Path | None) -> None:
    """Refuse files of pairs for rendered clips, whose pairs are known.

    Raises:
        BadParameter: one is given.
    """
    for name, file in files.items():
        if file is not None:
            raise typer.BadParameter(
                "rendered clips have pairs of their own: give it with --data",
                param_hint=f"--{name}",
            )


def teller(processes: "Processes") -> "Callable[[Progress], None]":
    """Says on stderr how far a run is."""

    def tell(progress: "Progress") -> None:
        left = "" if progress.seconds_left is None else f", {progress.seconds_left:.0f} s left"
        who = f"process {processes.rank}: " if processes.count > 1 else ""
        typer.echo(f"{who}{progress.done:,} of {progress.total:,} videos{left}", err=True)

    return tell


def _command() -> str:
    """The command that this process was started with."""
    return shlex.join(["maagn", *sys.argv[1:]])


def _print_found(out: Path) -> None:
    """What a run found: accuracies, the most confused opposites, and who is better."""
    from maagn.cli.tables import print_unreadable
    from maagn.evaluate.queries import Queries
    from maagn.evaluate.runs import address_of, read_run
    from maagn.folders import START

    queries = Queries(out)
    print_unreadable(queries.unreadable(limit=10))
    results = read_run(out)
    if results.origin.left_out:
        typer.echo(f"{results.origin.left_out:,} videos have no class or no prediction.")
    _print_results(results)
    if any(pair.proposed for pair in queries.relations.opposites):
        typer.echo("Opposites are proposed from the names of classes: --opposites tells them.")
    typer.echo(f"Look at it with `{START}`: {address_of(out)}")


def _print_results(results: "Results") -> None:
    from maagn.cli.tables import print_accuracies, print_comparisons, print_opposites
    from maagn.evaluate.compare import overall
    from maagn.evaluate.metrics import count

    print_accuracies([count(predictions) for predictions in results])
    print_opposites(results.predictions)
    first, *others = results.predictions
    print_comparisons(first.model, [(other.model, overall(first, other)) for other in others])


@one_line()
def models(
    page: Annotated[
        list[Path] | None,
        typer.Option(
            help="Markdown page whose table of networks is written anew from the stored results; "
            "repeatable."
        ),
    ] = None,
) -> None:
    """List the networks, with their origin, measured accuracy and what is known of their masks."""
    from maagn.checkpoint import available, load_model, looked_in
    from maagn.cli.tables import print_models
    from maagn.documents import write_table
    from maagn.evaluate.audit_file import shipped_audits
    from maagn.evaluate.network_table import network_table
    from maagn.evaluate.results import read_results

    found, damaged = [], []
    for name in available():
        try:
            found.append(load_model(name, "cpu"))
        except CheckpointError as error:
            damaged.append(str(error))
    if not found and not damaged:
        places = " and ".join(map(str, looked_in()))
        typer.echo(f"There is no network in {places}: make one with `maagn train maagn-demo`.")
        return
    audits = shipped_audits()
    print_models(found, damaged, audits)
    if page:
        table = network_table(found, read_results(), audits)
        for document in page:
            write_table(document, table)
            typer.echo(f"Written to {document}")


@one_line()
def evaluate(
    model: Annotated[
        list[str] | None,
        typer.Option(help="Name in checkpoints/ or a file; repeatable."),
    ] = None,
    split: Annotated[
        SplitName | None, typer.Option(help="Default: test for rendered clips, val for --data.")
    ] = None,
    per_class: Annotated[int, typer.Option(min=1, help="Rendered clips per class.")] = 20,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Parquet file for rendered clips; run folder for --data, resumed if it "
            "already exists."
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder or list of videos, instead of rendered clips.")
    ] = None,
    layout: Layout = "auto",
    names: Names = None,
    root: Root = None,
    videos: Videos = None,
    pictures: Pictures = None,
    columns: Columns = "auto",
    classes_from: ClassesFrom = None,
    opposites: OppositesFile = None,
    mirrored: MirroredFile = None,
    views: Annotated[CropsName, typer.Option(help="Crops per video, with --data.")] = "centre",
    clips: Annotated[int, typer.Option(min=1, help="Temporal clips per video, with --data.")] = 1,
    window: Annotated[
        int, typer.Option(min=0, help="Consecutive frames per temporal clip, e.g. 64; 0: all.")
    ] = 0,
    batch: Batch = 16,
    workers: Workers = 2,
    threads: Threads = 1,
    precision: Annotated[PrecisionName, typer.Option(help="Numerical precision.")] = "32-true",
    reversed_too: Annotated[
        bool,
        typer.Option(
            "--reversed", help="Also show frames in reverse order, and keep masks and gates."
        ),
    ] = False,
    features: Annotated[
        bool,
        typer.Option(
            "--features",
            help="Keep what the classifiers read, too: in the run's folder, or, of rendered clips, "
            "in runs/evaluations. The page Errors makes its map of neighbours from it.",
        ),
    ] = False,
    device: Device = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print only the results as JSON.")
    ] = False,
) -> None:
    """Measure accuracy on held-out rendered clips, or on --data."""
    if data is not None:
        if out is None:
            raise typer.BadParameter("give the run's folder, e.g. runs/NAME", param_hint="--out")
        where = (layout, split or "val", names, root, videos, pictures, columns, classes_from)
        do_run(
            "both-orders" if reversed_too else "answers",
            partial(open_source, data, *where),
            model,
            out,
            crops=views,
            clips=clips,
            window=window,
            batch=batch,
            workers=workers,
            threads=threads,
            precision=precision,
            opposites=opposites,
            mirrored=mirrored,
            features=features,
            device=device,
        )
        return
    refuse_pairs(opposites=opposites, mirrored=mirrored)
    from maagn.evaluate.evaluations import EvaluationRun, ask, benchmark_plan
    from maagn.evaluate.evaluations import evaluate as evaluate_run
    from maagn.evaluate.metrics import count
    from maagn.evaluate.results import write_results
    from maagn.evaluate.slices import clips_of, write_factors

    split = held_out(split)
    networks = load(model, device)
    if features:
        plan = benchmark_plan(networks, split=split, per_class=per_class, features=True)
        evaluation = EvaluationRun(plan)
        results = evaluate_run(evaluation, networks)
        typer.echo(f"Written to {evaluation.folder}", err=as_json)
    else:
        named = " ".join(f"--model {network.name}" for network in networks)
        command = f"maagn evaluate {named} --split {split} --per-class {per_class}"
        results = ask(networks, split=split, per_class=per_class, command=command)
    if out is not None:
        write_results(out, results)
        write_factors(out.with_suffix(".factors.parquet"), clips_of(results.predictions[0]))
    if as_json:
        counts = [count(predictions).as_dict() for predictions in results]
        typer.echo(json.dumps(without_nan(counts), indent=1))
        return
    _print_results(results)
    if out is not None:
        typer.echo(f"Written to {out}")


@one_line()
def probe(
    model: Annotated[list[str], typer.Argument(help="Names in checkpoints/, or files.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; an existing run is resumed.")],
    per_class: Annotated[
        int, typer.Option(min=3, help="Rendered clips per class, to learn from and to test on.")
    ] = 30,
    threads: Threads = 1,
    device: Device = None,
) -> None:
    """Measure where along the networks the order of frames becomes readable."""
    from maagn.cli.failure import refuse_file
    from maagn.cli.tables import print_order
    from maagn.evaluate.order import PROBE, measure_order

    refuse_file(out)
    words = ["maagn", "probe", *model, "--per-class", str(per_class), "--out", str(out)]
    found = measure_order(
        load(model, device),
        out,
        per_class=per_class,
        threads=threads,
        command=shlex.join(words),
        report=partial(typer.echo, err=True),
    )
    print_order(found)
    typer.echo(f"Written to {out / PROBE}")
