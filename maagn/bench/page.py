"""All rows of one measurement: as JSON, as a page with a figure, beside those of another day."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from math import log2
from pathlib import Path

from maagn.bench.felt import Felt
from maagn.bench.figures import DeviceTable
from maagn.bench.row import Row
from maagn.bench.topics import CLIPS, FRAMES
from maagn.documents import marks_of, write_table
from maagn.errors import TableError


@dataclass(frozen=True)
class Table:
    """What was measured on one machine.

    Attributes:
        machine: as `maagn.bench.row.described` tells it.
        rows: in the order in which they were measured; each name once.
        device: what was measured of one device, maybe on another machine; None for nothing.
        felt: what visitors wait for, maybe on another machine; None for nothing.
    """

    machine: dict[str, str]
    rows: tuple[Row, ...]
    device: DeviceTable | None = None
    felt: Felt | None = None

    @classmethod
    def read(cls, path: Path) -> "Table":
        """A table that `write` wrote.

        Raises:
            TableError: no such file, or not such a table.
        """
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            rows = tuple(Row(**one) for one in found["rows"])
            device = DeviceTable.from_dict(found["device"]) if "device" in found else None
            felt = Felt.from_dict(found["felt"]) if "felt" in found else None
            return cls(dict(found["machine"]), rows, device, felt)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TableError(
                f"{path.name} is no table of `maagn bench`: measure one with --out."
            ) from error

    def write(self, path: Path) -> None:
        """As JSON, one row per line; what the file has beside what is new stays."""
        before = Table.read(path) if path.exists() else self
        rows = {one.name: one for one in (*before.rows, *self.rows)}
        body = ",\n".join(json.dumps(asdict(row)) for row in rows.values())
        machine = json.dumps(self.machine if self.rows else before.machine, indent=1)
        text = f'{{"machine": {machine},\n"rows": [\n{body}\n]'
        for name in ("device", "felt"):
            part = getattr(self, name) or getattr(before, name)
            if part is not None:
                text += f',\n"{name}": {json.dumps(part.as_dict(), indent=1)}'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}}}\n", encoding="utf-8")

    def worse_than(self, stored: "Table", *, by: float = 0.25) -> dict[str, str]:
        """A sentence for every row that has worsened by more than that share, by its name."""
        before = {row.name: row for row in stored.rows}
        return {
            row.name: f"{row.name}: {row.ratio:.2f}, stored {before[row.name].ratio:.2f}"
            for row in self.rows
            if row.name in before and row.worse_than(before[row.name], by=by)
        }

    def as_markdown(self) -> str:
        """The rows as a Markdown table."""
        lines = ["| what | ratio | quartiles | target | reached |", "|---|---:|---:|---:|---|"]
        lines += [_line(row) for row in self.rows]
        return "\n".join(lines) + "\n"


def _line(row: Row) -> str:
    target = "" if row.target is None else f"{'≥' if row.at_least else '≤'} {row.target:g}"
    reached = {None: "", True: "yes", False: "no"}[row.reached]
    what = row.what + (f" ({row.note})" if row.note else "")
    return f"| {what} | {row.ratio:.2f} | {row.low:.2f} to {row.high:.2f} | {target} | {reached} |"


WORSE = 0.25
"""The share by which a ratio may worsen."""


def slower(
    stored: Table,
    found: Mapping[str, tuple[Row, ...]],
    measure: Callable[[str], tuple[Row, ...]],
) -> list[str]:
    """A sentence for every row that is worse than stored twice over: once may be the machine.

    Args:
        stored: from another day; rows that it does not have are not looked at.
        found: rows by topic.
        measure: gives a topic's rows once more.
    """
    sentences = []
    for topic, rows in found.items():
        worse = Table({}, rows).worse_than(stored, by=WORSE)
        if worse:
            again = Table({}, measure(topic)).worse_than(stored, by=WORSE)
            sentences += [sentence for name, sentence in again.items() if name in worse]
    return sentences


_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 480, 240, 50, 40
_MOST = 1.25  # top of the vertical axis


def drawn(table: Table) -> str | None:
    """SVG; None where the table has no rows of growth.

    Across: how many, from 1 to 32, doubling. Up: cost of one against that of one of the fewest,
    1 where the whole grows linearly.
    """
    ratios = {row.name: row.ratio for row in table.rows}
    lines = []
    for what, sizes, colour in (("frames", FRAMES, "#0072b2"), ("clips", CLIPS, "#d55e00")):
        names = [f"growth, {size} {what}" for size in sizes[1:]]
        if not all(name in ratios for name in names):
            return None
        values = [1.0, *(ratios[name] for name in names)]
        lines.append(_trace(what, sizes, values, colour))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="sans-serif" font-size="12" role="img"'
        ' aria-label="Cost of one frame and of one clip against their number">',
        *_axes(), *lines, "</svg>\n",
    ])  # fmt: skip


def _place(size: int, value: float) -> tuple[float, float]:
    across = _LEFT + log2(size) / 5 * (_WIDTH - _LEFT - 70)
    return round(across, 1), round((_HEIGHT - _BOTTOM) * (1 - min(value, _MOST) / _MOST), 1)


def _axes() -> list[str]:
    marks = []
    for value in (0.0, 0.5, 1.0):
        _, y = _place(1, value)
        marks.append(
            f'<path d="M{_LEFT} {y}H{_WIDTH - 70}" stroke="#bbb"/>'
            f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{value:g}</text>'
        )
    for size in (1, 2, 4, 8, 16, 32):
        x, y = _place(size, 0.0)
        marks.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{size}</text>')
    return marks


def _trace(what: str, sizes: tuple[int, ...], values: list[float], colour: str) -> str:
    places = [_place(size, value) for size, value in zip(sizes, values, strict=True)]
    points = " ".join(f"{x},{y}" for x, y in places)
    x, y = places[-1]
    below = 16 if what == "frames" else -6  # the two names do not lie on each other
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        + "".join(f'<circle cx="{a}" cy="{b}" r="3" fill="{colour}"/>' for a, b in places)
        + f'<text x="{x + 8}" y="{y + below}" fill="{colour}">{what}</text>'
    )


_DEVICE = marks_of("GPU")
_FELT = marks_of("felt")
_NOT_YET = "`make gpu` fills this table. It has not been run: no GPU was at hand.\n"


def write(table: Table, document: Path) -> None:
    """Write the tables between the page's marks, and `<page>-growth.svg` beside the page.

    Rows of the short form are left out: they are there for a machine to compare.

    Raises:
        TableError: no such page, or one without the marks.
    """
    if table.device is None:
        write_table(document, _NOT_YET, marks=_DEVICE)
    else:
        told = f"{table.device.as_markdown()}\nMeasured on: {_words(table.device.machine)}.\n"
        write_table(document, told, marks=_DEVICE)
    if table.felt is not None:  # who compares two trees fills it: `make bench` has one
        told = f"{table.felt.as_markdown()}\nMeasured on: {_words(table.felt.machine)}.\n"
        write_table(document, told, marks=_FELT)
    shown = Table(table.machine, tuple(row for row in table.rows if not row.short))
    write_table(document, f"{shown.as_markdown()}\nMeasured on: {_words(table.machine)}.\n")
    figure = drawn(table)
    if figure is not None:
        document.with_name(f"{document.stem}-growth.svg").write_text(figure, encoding="utf-8")


def _words(machine: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in machine.items())
