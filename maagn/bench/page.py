"""A stored table as people read it: in a page of Markdown, with a figure of growth beside it."""

from pathlib import Path

from maagn.bench.curves import drawn
from maagn.bench.table import Table, TableError

BEGIN, END = "<!-- table -->", "<!-- end of the table -->"


def write(table: Table, document: Path) -> None:
    """Write the table between the page's two marks, and `<page>-growth.svg` beside the page.

    Rows of the short form are left out: they are there for a machine to compare.

    Raises:
        TableError: no such page, or one without the marks.
    """
    try:
        text = document.read_text(encoding="utf-8")
    except OSError as error:
        raise TableError(f"{document.name} is no page that can be read.") from error
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise TableError(f"{document.name} has no place for a table: put {BEGIN} and {END} in it.")
    shown = Table(table.machine, tuple(row for row in table.rows if not row.short))
    machine = "; ".join(f"{name}: {value}" for name, value in table.machine.items())
    body = f"{BEGIN}\n{shown.as_markdown()}\nMeasured on: {machine}.\n{END}"
    document.write_text(before + body + after, encoding="utf-8")
    figure = drawn(table)
    if figure is not None:
        document.with_name(f"{document.stem}-growth.svg").write_text(figure, encoding="utf-8")
