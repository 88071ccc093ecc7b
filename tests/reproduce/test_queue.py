from dataclasses import replace

import maagn.reproduce.queue as queue
from maagn.reproduce.page import write_page
from maagn.reproduce.queue import read_outcomes, run_queue
from maagn.reproduce.study import FRESH, FROM_TSM, STUDIES, rows

ROWS = STUDIES["table1"].rows[:2]
SMALL = replace(
    FRESH,
    test_per_class=1,
    recipe=replace(
        FRESH.recipe, epochs=1, clips=16, short_side=(36, 36), crop=32, precision="32-true"
    ),
)


def test_a_queue_measures_every_row_once_and_the_page_shows_it(tmp_path, monkeypatch):
    trained = []
    train = queue.train
    monkeypatch.setattr(
        queue, "train", lambda spec, **rest: trained.append(spec.preset) or train(spec, **rest)
    )
    folders = {name: tmp_path / name for name in ("work", "results", "cache")}
    for _ in range(2):
        run_queue(ROWS, seeds=[0], size=SMALL, report=lambda _: None, **folders)
    assert trained == ["tsn-demo", "tsm-demo"]
    outcomes = read_outcomes(folders["results"] / SMALL.name)
    assert [(outcome.key, outcome.seed, outcome.clips) for outcome in outcomes] == [
        ("tsm", 0, 34),
        ("tsn", 0, 34),
    ]
    assert all(sum(o.per_class) == round(o.top1 * o.clips) for o in outcomes)

    page = tmp_path / "page.md"
    write_page(page, folders["results"], shipped=tmp_path / "none.parquet")
    text = page.read_text("utf-8")
    assert "Not run yet: TPN, MAAGN" in text
    assert f"| TSM | {100 * outcomes[0].top1:.1f} % |" in text


def test_a_size_with_a_common_start_begins_with_it():
    start, row = FROM_TSM.start(1), STUDIES["table4"].rows[0]
    assert (start.preset, start.epochs, start.seed) == ("tsm-demo", FROM_TSM.start_epochs, 1)
    spec = FROM_TSM.training(row, 1, "start.safetensors")
    assert (spec.preset, spec.start) == ("maagn-demo", "start.safetensors")
    assert spec.take == "backbone"  # or TSM alone would go on with its classifier
    assert dict(spec.changes)["sdm_combine"] == "multiply"
    assert FRESH.start(1) is None


def test_studies_of_one_size_share_their_rows():
    found = rows(STUDIES.values())
    assert list(found) == [FRESH, FROM_TSM]
    for size, count in ((FRESH, 10), (FROM_TSM, 16)):
        keys = [row.key for row in found[size]]
        assert len(keys) == len(set(keys)) == count
