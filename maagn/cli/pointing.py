"""`maagn pointing`: do maps point at hand and thing, or at what moves?"""

import shlex
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from maagn.cli.data import (
    ClassesFrom,
    Columns,
    Layout,
    Names,
    Pictures,
    Root,
    SplitName,
    Videos,
    open_source,
)
from maagn.cli.evaluate import Batch, Threads, Workers, held_out, teller
from maagn.cli.explain import load
from maagn.cli.failure import one_line, refuse_file
from maagn.cli.options import Device


@one_line()
def pointing(
    out: Annotated[Path, typer.Option(help="Folder of the run; an existing run is resumed.")],
    model: Annotated[
        list[str] | None,
        typer.Argument(help="Names in checkpoints/ or files. Default: the demo networks."),
    ] = None,
    method: Annotated[
        list[str] | None, typer.Option(help="Method of the maps; repeatable. Default: all.")
    ] = None,
    layer: Annotated[
        list[str] | None,
        typer.Option(
            help="Layer of the maps, e.g. backbone.res3, or several fused, e.g. "
            "mean:backbone.res3+backbone.res4 or product:...; repeatable. Default: all layers, "
            "and six fusions."
        ),
    ] = None,
    smooth: Annotated[
        list[int] | None,
        typer.Option(
            help="Number of neighbouring frames that maps are averaged over, odd; repeatable. "
            "Default: 1 (none) and 3."
        ),
    ] = None,
    deletion: Annotated[
        bool,
        typer.Option(
            "--deletion", help="Also delete and insert by every map and at random; takes long."
        ),
    ] = False,
    split: Annotated[
        SplitName | None, typer.Option(help="Default: test for rendered clips, val for --data.")
    ] = None,
    per_class: Annotated[int, typer.Option(min=1, help="Rendered clips per class.")] = 6,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Folder or list of videos, instead of rendered clips; only motion is known of it."
        ),
    ] = None,
    layout: Layout = "auto",
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
    """Measure where activation maps point, against hand, thing and motion: pointing.json."""
    refuse_file(out)
    from maagn.cli.tables import print_pointing
    from maagn.data.mapping import relabelled
    from maagn.data.rendered import open_opposites
    from maagn.evaluate.plan import Plan
    from maagn.evaluate.pointing_rows import Maps, PointingRows
    from maagn.evaluate.pointing_scores import FILE, score_run, write_scores
    from maagn.evaluate.processes import join_processes
    from maagn.evaluate.runner import run

    processes = join_processes(device)  # before networks are loaded: each goes to its process's GPU
    networks = load(model, device)
    maps = Maps.of(
        networks,
        methods=method or (),
        layers=layer or (),
        smoothings=smooth or (1, 3),
        deletion=deletion,
    )
    if data is None:
        source = partial(open_opposites, held_out(split), per_class=per_class)
    else:
        where = (layout, split or "val", names, root, videos, pictures, columns, classes_from)
        source = partial(open_source, data, *where)
    asked = relabelled(source(), networks[0].labels)
    plan = Plan.of(
        networks, asked, kind="pointing", batch=batch, threads=threads, maps=maps.as_dict()
    )
    rows = PointingRows(plan, asked, networks)
    run(out, plan, asked, rows, workers=workers, processes=processes, report=teller(processes))
    processes.leave()
    if processes.rank:
        return
    words = ["maagn", "pointing", *(network.name for network in networks)]
    words += [word for name in method or () for word in ("--method", name)]
    words += [word for name in layer or () for word in ("--layer", name)]
    words += [word for frames in smooth or () for word in ("--smooth", str(frames))]
    words += ["--deletion"] * deletion
    if data is None:
        words += ["--split", asked.split, "--per-class", str(per_class)]
    else:
        words += ["--data", data.name]
    scores = score_run(out, command=shlex.join(words))
    write_scores(out / FILE, scores)
    print_pointing(scores)
    typer.echo(f"Written to {out / FILE}")
