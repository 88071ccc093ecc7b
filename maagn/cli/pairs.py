"""`maagn data pairs`: which classes are opposites, and which a mirror exchanges."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from maagn.cli.failure import one_line
from maagn.cli.videos import ClassesFrom, Columns, Layout, Names, Root, Split, Videos, open_source

if TYPE_CHECKING:
    from maagn.labels import ClassRelations


@one_line()
def pairs(
    source: Annotated[Path | None, typer.Argument(help="A folder, or a list of videos.")] = None,
    model: Annotated[
        str | None, typer.Option(help="A network whose classes are meant, instead of a set's.")
    ] = None,
    mirrored: Annotated[
        bool, typer.Option("--mirrored", help="Those that a mirror exchanges, not opposites.")
    ] = False,
    layout: Layout = "auto",
    split: Split = "val",
    names: Names = None,
    root: Root = None,
    videos: Videos = None,
    columns: Columns = "auto",
    classes_from: ClassesFrom = None,
) -> None:
    """Print the pairs of opposite classes, known and proposed, as a file for --opposites.

    Edit it before it is given to a command: what stands there counts as known.
    """
    from maagn.checkpoint import load_card
    from maagn.label_files import mirrored_csv, opposites_csv
    from maagn.labels import ClassRelations

    if (source is None) == (model is None):
        raise typer.BadParameter("give a folder or list, or --model", param_hint="SOURCE")
    if model is not None:
        relations = load_card(model).relations
    else:
        assert source is not None  # one of the two is given
        opened = open_source(
            source, layout, split, names, root, videos, None, columns, classes_from
        )
        relations = ClassRelations.of(opened.labels)
    if mirrored:
        typer.echo(mirrored_csv(_sides(relations)), nl=False)
        unmirrored = ", ".join(map(repr, relations.unmirrored))
        if unmirrored:
            typer.echo(
                f"No partner is known of {unmirrored}: add a line `class,partner` for each; a "
                "class that looks the same in a mirror is its own partner.",
                err=True,
            )
        return
    typer.echo(opposites_csv(relations.opposites), nl=False)
    proposed = sum(pair.proposed for pair in relations.opposites)
    typer.echo(
        f"{len(relations.opposites)} pairs of {len(relations.labels)} classes"
        + (f", {proposed} proposed from their names: remove those that are wrong" * bool(proposed))
        + ".",
        err=True,
    )


def _sides(relations: "ClassRelations") -> list[tuple[str, str]]:
    """Each pair once, in the order of the labels; what looks the same in a mirror left out."""
    place = {label: i for i, label in enumerate(relations.labels)}
    return [
        (label, mirror)
        for label, mirror in zip(relations.labels, relations.mirrors, strict=True)
        if mirror is not None and place[label] < place[mirror]
    ]
