"""`maagn import`: a network that others trained and published."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from maagn.cli.data import MirroredFile, OppositesFile
from maagn.cli.failure import one_line
from maagn.published.names import Kind, Weights

V2 = "something-something-v2"


@one_line()
def import_(
    file: Annotated[
        Path, typer.Argument(help="Published weights: .pth, .pth.tar or .safetensors.")
    ],
    labels: Annotated[
        str,
        typer.Option(
            help=f"A class a line, in the order of its logits; a labels.json; or {V2}.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Output file, .safetensors.")],
    kind: Annotated[
        Kind | None, typer.Option("--as", help="Architecture. Default: detected from tensor names.")
    ] = None,
    frames: Annotated[int, typer.Option(min=1, help="Frames (segments) it was trained with.")] = 8,
    trained_on: Annotated[
        str, typer.Option(help="Training data, as shown to people.")
    ] = "data of its authors",
    weights: Annotated[
        Weights,
        typer.Option(help="Which weights, if the file also has an average."),
    ] = "plain",
    published: Annotated[
        str | None, typer.Option(help="Published accuracy to record, e.g. tsm-r50-8f-sthv2.")
    ] = None,
    opposites: OppositesFile = None,
    mirrored: MirroredFile = None,
) -> None:
    """Convert weights of mit-han-lab, decisionforce or mmaction2; no code in FILE is run."""
    from maagn.label_files import read_class_pairs
    from maagn.labels import something_something_v2
    from maagn.published.convert import convert, save_converted
    from maagn.published.facts import figure, read_labels

    if out.suffix != ".safetensors":
        raise typer.BadParameter("is a .safetensors file", param_hint="--out")
    names = something_something_v2() if labels == V2 else read_labels(Path(labels))
    pairs = read_class_pairs(names, opposites=opposites, mirrored=mirrored)
    converted = convert(file, kind, frames=frames, weights=weights)
    words = ["maagn", "import", file.name, *(["--as", kind] if kind else [])]
    words += ["--frames", str(frames), *(["--weights", weights] if weights != "plain" else [])]
    save_converted(
        out,
        converted,
        labels=names,
        trained_on=trained_on,
        command=shlex.join(words),
        published=str(figure(published, converted.spec, names)) if published else "",
        pairs=pairs,
    )
    for name in converted.unused:
        typer.echo(f"Not used: {name}")
    if converted.notice:
        typer.echo(converted.notice)
    typer.echo(
        f"Written to {out}: {converted.spec.arch}-r{converted.spec.depth} of {converted.source}, "
        f"{converted.spec.classes} classes, {len(converted.tensors)} tensors"
    )
