"""`maagn import`: a network that others trained and published."""

import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer

from maagn.cli.failure import one_line

V2 = "something-something-v2"


@one_line()
def import_(
    file: Annotated[Path, typer.Argument(help="The published file: .pth, .pth.tar, .safetensors.")],
    kind: Annotated[
        Literal["tsm-r50", "tsn-r50", "tpn-r50"], typer.Option("--as", help="What it is.")
    ],
    labels: Annotated[
        str, typer.Option(help=f"A class a line, in the order of its logits; or {V2}.")
    ],
    out: Annotated[Path, typer.Option(help="The safetensors file to write.")],
    frames: Annotated[int, typer.Option(min=1, help="Segments it was trained with.")] = 8,
    trained_on: Annotated[str, typer.Option(help="The data, for people.")] = "data of its authors",
    published: Annotated[
        str | None, typer.Option(help="Its published accuracy, e.g. tsm-r50-8f-sthv2.")
    ] = None,
) -> None:
    """Bring a network of mit-han-lab, decisionforce or mmaction2 here; nothing in FILE is run."""
    from maagn.data.listing import read_lines
    from maagn.errors import CheckpointError
    from maagn.labels import something_something_v2
    from maagn.published.convert import convert, save_converted
    from maagn.published.facts import FACTS

    if out.suffix != ".safetensors":
        raise typer.BadParameter("is a .safetensors file", param_hint="--out")
    if published is not None and published not in FACTS:
        raise CheckpointError(f"Nothing published is called {published}: {', '.join(FACTS)}.")
    names = something_something_v2() if labels == V2 else tuple(read_lines(Path(labels)))
    found = convert(file, kind, frames=frames)
    words = ["maagn", "import", file.name, "--as", kind, "--frames", str(frames)]
    save_converted(
        out,
        found,
        labels=names,
        trained_on=trained_on,
        command=shlex.join(words),
        published=str(FACTS[published]) if published else "",
    )
    for name in found.unused:
        typer.echo(f"Not used: {name}")
    typer.echo(
        f"Written to {out}: {kind} of {found.source}, {found.spec.classes} classes, "
        f"{len(found.tensors)} tensors"
    )
