"""The tables of docs/paper.md as rows: figure, equation or table -> code -> what was chosen."""

import re
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "paper.md"
_CELLS = 5
_FILE = re.compile(r"`(?:maagn/)?(\w+\.py)`")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_PAGES = {
    "sdm.py": "attention",
    "mtam.py": "attention",
    "agm.py": "gating",
    "path.py": "gating",
    "maagn.py": "explore",
    "backbone.py": "explore",
    "shift.py": "explore",
    "pyramid.py": "compare",
    "config.py": "settings",
}


@dataclass(frozen=True)
class Row:
    """One row of the paper's tables.

    Attributes:
        what: of the paper, e.g. `Eq. 4`.
        code: file and name.
        file: the file alone, under maagn/nn unless it is `config.py`; a row that says "the same"
            has the file of the row above.
        unclear: what the paper leaves open.
        chosen: what was chosen.
        pinned: the tests that hold it.
        page: name of the page that shows it.
    """

    what: str
    code: str
    file: str
    unclear: str
    chosen: str
    pinned: str
    page: str


def read_rows(path: Path = DOCUMENT) -> tuple[Row, ...]:
    """All rows, in the document's order; none where the file is missing."""
    if not path.is_file():
        return ()
    rows: list[Row] = []
    kind = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if not line.startswith("|") or len(cells) != _CELLS or set(cells[0]) <= set("-| "):
            continue
        if cells[1] == "Code":
            kind = cells[0]
            continue
        named = _FILE.search(cells[1])
        file = named[1] if named else (rows[-1].file if rows else "")
        texts = [_LINK.sub(r"\1", cell) for cell in cells]
        what = _titled(kind, texts[0])
        rows.append(
            Row(what, texts[1], file, texts[2], texts[3], texts[4], _PAGES.get(file, "explore"))
        )
    return tuple(rows)


def _titled(kind: str, text: str) -> str:
    """What the row is about, with the kind of its table: Eq. 4, Figure 1, Table 3."""
    return f"Figure 1: {text}" if kind == "Part" else f"{kind} {text}"
