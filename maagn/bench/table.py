"""All rows of one measurement: for people, as JSON, and beside those of another day."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from maagn.bench.row import Row
from maagn.errors import MaagnError


class TableError(MaagnError):
    """A stored table that cannot be read."""


@dataclass(frozen=True)
class Table:
    """What was measured on one machine.

    Attributes:
        machine: as `maagn.bench.machine.described` tells it.
        rows: in the order in which they were measured; each name once.
    """

    machine: dict[str, str]
    rows: tuple[Row, ...]

    @classmethod
    def read(cls, path: Path) -> "Table":
        """A table that `write` wrote.

        Raises:
            TableError: no such file, or not such a table.
        """
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return cls(dict(found["machine"]), tuple(Row(**one) for one in found["rows"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TableError(
                f"{path.name} is no table of `maagn bench`: measure one with --out."
            ) from error

    def write(self, path: Path) -> None:
        """As JSON, a row a line; rows that the file has from other topics stay."""
        rows = {one.name: one for one in (Table.read(path).rows if path.exists() else ())}
        rows |= {one.name: one for one in self.rows}
        body = ",\n".join(json.dumps(asdict(one)) for one in rows.values())
        machine = json.dumps(self.machine, indent=1)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'{{"machine": {machine},\n"rows": [\n{body}\n]}}\n', encoding="utf-8")

    def worse_than(self, stored: "Table", *, by: float = 0.25) -> dict[str, str]:
        """A sentence for every row that has worsened by more than that share, by its name."""
        before = {one.name: one for one in stored.rows}
        return {
            one.name: f"{one.name}: {one.ratio:.2f}, stored {before[one.name].ratio:.2f}"
            for one in self.rows
            if one.name in before and one.worse_than(before[one.name], by=by)
        }

    def as_markdown(self) -> str:
        """A table of Markdown."""
        lines = ["| what | ratio | quartiles | target | reached |", "|---|---:|---:|---:|---|"]
        lines += [_line(one) for one in self.rows]
        return "\n".join(lines) + "\n"


def _line(one: Row) -> str:
    target = "" if one.target is None else f"{'≥' if one.at_least else '≤'} {one.target:g}"
    reached = {None: "", True: "yes", False: "no"}[one.reached]
    what = one.what + (f" ({one.note})" if one.note else "")
    return f"| {what} | {one.ratio:.2f} | {one.low:.2f} to {one.high:.2f} | {target} | {reached} |"
