"""`maagn audit`: do a network's masks and gates attend, or are they constants?"""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maagn.cli.data import (
    ClassesFrom,
    Columns,
    Layout,
    Names,
    OppositesFile,
    Pictures,
    Root,
    SplitName,
    Videos,
    open_source,
)
from maagn.cli.evaluate import Batch, Threads, Workers, held_out, refuse_pairs, teller
from maagn.cli.explain import load
from maagn.cli.failure import one_line, refuse_file
from maagn.cli.options import Device

if TYPE_CHECKING:
    from collections.abc import Callable

    from maagn.checkpoint import Model
    from maagn.data.videos import VideoSet
    from maagn.evaluate.audit import AuditData


@one_line()
def audit(
    model: Annotated[list[str], typer.Argument(help="Names in checkpoints/ or files.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; an existing run is resumed.")],
    data: Annotated[
        Path | None, typer.Option(help="Folder or list of videos, instead of rendered clips.")
    ] = None,
    split: Annotated[
        SplitName | None, typer.Option(help="Default: test for rendered clips, val for --data.")
    ] = None,
    per_class: Annotated[
        int | None,
        typer.Option(min=1, help="Clips per class. Default: 20 rendered ones, all of --data."),
    ] = None,
    layout: Layout = "auto",
    names: Names = None,
    root: Root = None,
    videos: Videos = None,
    pictures: Pictures = None,
    columns: Columns = "auto",
    classes_from: ClassesFrom = None,
    opposites: OppositesFile = None,
    batch: Batch = 16,
    workers: Workers = 2,
    threads: Threads = 1,
    device: Device = None,
) -> None:
    """Measure whether each MODEL's masks and gates follow the clip, and what they are worth."""
    if data is None:
        refuse_pairs(opposites=opposites)
    refuse_file(out)
    from maagn.cli.tables import print_audits
    from maagn.evaluate.audit import audit as ask
    from maagn.evaluate.audit import rendered_data
    from maagn.evaluate.processes import ALONE
    from maagn.evaluate.store import AUDIT
    from maagn.explain.replacement import parts
    from maagn.label_files import read_class_pairs

    networks = load(model, device)
    for network in networks:
        parts(network)  # those without masks are refused before anything is opened
    command = f"maagn audit {shlex.join(network.name for network in networks)}"
    if data is None:
        per_class, split = per_class or 20, held_out(split)
        clips = rendered_data(networks, split=split, per_class=per_class)
    else:
        command += f" --data {shlex.quote(data.name)}"
        if opposites is not None:
            given = read_class_pairs(networks[0].labels, opposites=opposites)
            networks = [replace(one, pairs=given.or_else(one.pairs)) for one in networks]

        def of_split(asked: SplitName) -> "VideoSet":
            return open_source(
                data, layout, asked, names, root, videos, pictures, columns, classes_from
            )

        split = split or "val"
        clips = _own(networks, of_split, split, per_class)
    command += f" --split {split}"
    if per_class is not None:
        command += f" --per-class {per_class}"
    audits = ask(
        out,
        networks,
        clips,
        command=f"{command} --out FOLDER",
        batch=batch,
        workers=workers,
        threads=threads,
        report=teller(ALONE),
    )
    print_audits(audits)
    typer.echo(f"Written to {out / AUDIT}")


def _own(
    networks: "list[Model]",
    of_split: "Callable[[SplitName], VideoSet]",
    split: SplitName,
    per_class: int | None,
) -> "AuditData":
    """The set's split, with its validation split as the reference where it has one."""
    from maagn.errors import DatasetError
    from maagn.evaluate.audit import own_data

    audited = of_split(split)
    try:
        validation = None if split == "val" else of_split("val")
    except DatasetError:
        validation = None
    return own_data(networks, audited, validation, per_class=per_class)
