"""A table in a Markdown page, written anew between two marks; the rest of the page stays."""

from pathlib import Path

from maagn.errors import TableError

BEGIN, END = "<!-- table -->", "<!-- end of the table -->"


def write_table(document: Path, body: str) -> None:
    """Write Markdown between the page's two marks.

    Args:
        document: the page.
        body: what stands there from now on.

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
    document.write_text(f"{before}{BEGIN}\n{body}{END}{after}", encoding="utf-8")
