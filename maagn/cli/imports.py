"""`maagn import`: a network that others trained and published."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from maagn.cli.data import MirroredFile, OppositesFile
from maagn.cli.failure import one_line
from maagn.published.names import Weights

V2 = "something-something-v2"
KINETICS = "kinetics-400"


@one_line()
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="Published weights: .pth, .pth.tar or .safetensors; or a folder of transformers."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Output file, .safetensors.")],
    labels: Annotated[
        str | None,
        typer.Option(
            help=f"A class a line, in the order of its logits; a labels.json; {V2} or {KINETICS}. "
            "Default: those in config.json.",
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--as",
            help="Architecture, e.g. tsm-r50 or r2plus1d-18. Default: detected from tensor names.",
        ),
    ] = None,
    frames: Annotated[
        int | None,
        typer.Option(min=1, help="Frames it was trained with. Default: 8, or the architecture's."),
    ] = None,
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
    """Convert a network that others published; no code in FILE is run."""
    from maagn.label_files import read_class_pairs
    from maagn.published.convert import convert, save_converted
    from maagn.published.facts import figure

    if out.suffix != ".safetensors":
        raise typer.BadParameter("is a .safetensors file", param_hint="--out")
    names = None if labels is None else _class_names(labels)
    converted = convert(file, kind, frames=frames, weights=weights)
    names = converted.labels if names is None else names
    if not names:
        raise typer.BadParameter(
            "names the classes, which the file does not", param_hint="--labels"
        )
    pairs = read_class_pairs(names, opposites=opposites, mirrored=mirrored)
    words = ["maagn", "import", file.name, *(["--as", kind] if kind else [])]
    words += [
        "--frames",
        str(converted.spec.frames),
        *(["--weights", weights] if weights != "plain" else []),
    ]
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
        f"Written to {out}: {converted.kind} of {converted.source}, "
        f"{converted.spec.classes} classes, {len(converted.tensors)} tensors"
    )


def _class_names(labels: str) -> tuple[str, ...]:
    """Those of a data set that is known by name, or of a file."""
    from maagn.labels import something_something_v2
    from maagn.published.facts import read_labels

    if labels == V2:
        return something_something_v2()
    if labels == KINETICS:
        from maagn.nn import torchvision_ops  # noqa: F401 - must come before torchvision

        from torchvision.models.video import R2Plus1D_18_Weights  # isort: skip

        return tuple(R2Plus1D_18_Weights.KINETICS400_V1.meta["categories"])
    return read_labels(Path(labels))
