"""A table in a Markdown page, written anew between two marks; the rest of the page stays."""

from pathlib import Path

from maagn.errors import TableError

BEGIN, END = "<!-- table -->", "<!-- end of the table -->"
Marks = tuple[str, str]


def marks_of(name: str) -> Marks:
    """The marks of one table of several on a page, by its name."""
    return f"<!-- table: {name} -->", f"<!-- end of the table: {name} -->"


def write_table(document: Path, body: str, *, marks: Marks = (BEGIN, END)) -> None:
    """Write Markdown between two marks of the page.

    Args:
        document: the page.
        body: what stands there from now on.
        marks: that it stands between.

    Raises:
        TableError: no such page, or one without the marks.
    """
    try:
        text = document.read_text(encoding="utf-8")
    except OSError as error:
        raise TableError(f"{document.name} is no page that can be read.") from error
    begin, end = marks
    before, begun, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not begun or not ended:
        raise TableError(f"{document.name} has no place for a table: put {begin} and {end} in it.")
    document.write_text(f"{before}{begin}\n{body}{end}{after}", encoding="utf-8")
