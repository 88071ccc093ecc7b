import pytest

from maagn.bench.felt import Felt, Journey, Side
from maagn.bench.figures import DeviceTable, Figure
from maagn.bench.page import Table, write
from maagn.bench.row import Row
from maagn.bench.topics import CLIPS, FRAMES
from maagn.documents import BEGIN, END, marks_of
from maagn.errors import TableError

GPU = "\n".join(marks_of("GPU"))
DEVICE = DeviceTable(
    {"device": "a card"},
    (
        Figure.of("asked", "maagn-demo", "forward, ms", [1.0, 2.0, 9.0]),
        Figure("trained", "maagn-demo", "32-true, clips a second", 1234.5),
        Figure("trained", "tsn-demo", "compiled", None, note="did not compile"),
    ),
)


FELT = Felt(
    {"processor": "a third"},
    "aaa",
    "bbb",
    (
        Journey("click", Side.of([1.0, 2.0, 3.0], [0.5, 0.5, 0.75]), Side.of([0.5], [0.25])),
        Journey("", Side.of([0.2], [0.1]), Side.of([0.1], [0.1]), ("explore", "gating")),
        Journey("", None, Side.of([0.125], [0.1]), ("gating", "explore")),
    ),
)


def table(*rows: Row) -> Table:
    return Table({"processor": "one"}, rows)


def growth() -> list[Row]:
    names = [f"growth, {n} frames" for n in FRAMES[1:]] + [f"growth, {n} clips" for n in CLIPS[1:]]
    return [Row(name, name, 0.9, 0.9, 0.9) for name in names]


def test_what_stands_between_the_marks_is_written_anew(tmp_path):
    page = tmp_path / "speed.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n{GPU}")
    rows = (Row("a", "a / b", 1.5, 1.0, 2.0, target=1.0), Row("b (short)", "short", 1.0, 1.0, 1.0))
    for _ in range(2):
        write(table(*rows), page)
    text = page.read_text()
    assert text.startswith(f"before\n{BEGIN}\n| what | ratio |")
    assert "| a / b | 1.50 | 1.00 to 2.00 | ≤ 1 | no |" in text
    assert f"Measured on: processor: one.\n{END}\nafter\n" in text
    assert "It has not been run: no GPU was at hand." in text
    assert "old" not in text
    assert "short" not in text
    assert not (tmp_path / "speed-growth.svg").exists()


def test_growth_has_a_figure(tmp_path):
    page = tmp_path / "speed.md"
    page.write_text(BEGIN + END + GPU)
    write(table(*growth()), page)
    figure = (tmp_path / "speed-growth.svg").read_text()
    assert figure.startswith("<svg")
    assert figure.count("<circle") == len(FRAMES) + len(CLIPS)
    assert ">frames<" in figure
    assert ">clips<" in figure


def test_a_page_without_a_place_is_refused(tmp_path):
    page = tmp_path / "speed.md"
    with pytest.raises(TableError, match=r"speed\.md is no page"):
        write(table(), page)
    page.write_text(GPU)
    with pytest.raises(TableError, match="no place for a table"):
        write(table(), page)
    page.write_text("nothing")
    with pytest.raises(TableError, match="no place for a table"):
        write(table(), page)
    assert page.read_text() == "nothing"


def test_figures_of_a_device_stand_beside_the_ratios(tmp_path):
    path, page = tmp_path / "speed.json", tmp_path / "speed.md"
    page.write_text(BEGIN + END + GPU)
    table(Row("a", "a / b", 1.5, 1.0, 2.0)).write(path)
    Table({"processor": "another"}, (), DEVICE).write(path)
    stored = Table.read(path)
    assert stored == Table(
        {"processor": "one"}, table(Row("a", "a / b", 1.5, 1.0, 2.0)).rows, DEVICE
    )
    table(Row("b", "b / c", 1.0, 1.0, 1.0)).write(path)
    again = Table.read(path)
    assert (again.device, [row.name for row in again.rows]) == (DEVICE, ["a", "b"])
    write(again, page)
    text = page.read_text()
    assert "**Asking**\n\n| network | forward, ms |\n|---|---:|\n| maagn-demo | 2 |" in text
    assert "| network | 32-true, clips a second | compiled |" in text
    assert "| maagn-demo | 1,234 |  |" in text
    assert "| tsn-demo |  | did not compile |" in text
    assert "**Agreement" not in text
    assert "Measured on: device: a card." in text


def test_what_visitors_wait_for_stands_before_and_after(tmp_path):
    path, page = tmp_path / "speed.json", tmp_path / "speed.md"
    page.write_text(BEGIN + END + GPU + "\n".join(marks_of("felt")))
    table(Row("a", "a / b", 1.5, 1.0, 2.0)).write(path)
    Table({}, (), felt=FELT).write(path)
    stored = Table.read(path)
    assert stored.felt == FELT
    assert stored.machine == {"processor": "one"}
    write(stored, page)
    text = page.read_text()
    assert "| click | 2.00 | 0.50 | 2.90 | 0.50 | 0.50 | 0.25 | 1 |" in text
    assert "| ms, from \\ to | explore | gating |" in text
    assert "| explore |  | 200 → 100 |" in text
    assert "| gating | 125 |  |" in text
    assert "Commits: after: bbb; before: aaa." in text
    assert "Measured on: processor: a third." in text


def test_a_file_with_half_a_measurement_is_refused(tmp_path):
    path = tmp_path / "speed.json"
    path.write_text('{"machine": {}, "rows": [], "felt": {"machine": {}}}')
    with pytest.raises(TableError, match="no table of"):
        Table.read(path)
