"""`maagn networks`: the kinds of network that there are."""

from pathlib import Path
from typing import Annotated, Any

import typer

from maagn.cli.failure import one_line

HEADINGS = ("network", "`arch`", "presets", "parameters", "frames, and of res2 to res5", "imported")


@one_line()
def networks(
    page: Annotated[
        list[Path] | None,
        typer.Option(help="Markdown page to write the table into, between its marks; repeatable."),
    ] = None,
) -> None:
    """List the kinds of network that can be built, those of installed packages too."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from maagn.documents import write_table

    rows = kind_rows()
    if page:
        lines = [HEADINGS, ("---",) * len(HEADINGS), *rows]
        body = "".join(f"| {' | '.join(line)} |\n" for line in lines)
        for each in page:
            write_table(each, body)
        return
    table = Table(*(heading.replace("`", "") for heading in HEADINGS))
    for row in rows:
        table.add_row(*(Text(cell.replace("`", "")) for cell in row))
    Console().print(table)


def kind_rows() -> list[tuple[str, ...]]:
    """A row a kind of network; parameters and frames are the first preset's."""
    from maagn.nn.build import architectures

    return [
        _row(name, kind) for name, kind in architectures().items() if kind.presets
    ]  # an adapted network has none, and is no kind that can be built


def _row(name: str, kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - importing its type takes long
    import torch

    from maagn.errors import NetworkError
    from maagn.published.hugging_face import ARCHS
    from maagn.published.names import KINDS

    first = next(iter(kind.presets.values()))
    try:
        with torch.device("meta"):
            count = sum(each.numel() for each in kind.build(first).parameters())
    except NetworkError:  # a library that builds it is not installed
        parameters = "not installed"
    else:
        parameters = f"{count / 1e6:.1f} M"
    frames = ", ".join(str(stage.frames) for stage in kind.stages(first))
    imported = [one for one in KINDS if one.partition("-")[0] == name]
    imported += [one.kind for one in kind.published]
    folders = ["a folder of transformers"] if name in ARCHS else []
    return (
        kind.title,
        f"`{name}`",
        ", ".join(f"`{preset}`" for preset in kind.presets),
        parameters,
        f"{first.frames}: {frames}",
        ", ".join([*(f"`{one}`" for one in imported), *folders]) or "none",
    )
