from dataclasses import replace

import maagn.reproduce.queue as queue
from maagn.checkpoint import load_model
from maagn.evaluate.audit import audit, rendered_data
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
    assert "Not run yet: TPN; MAAGN" in text
    assert f"| TSM | {100 * outcomes[0].top1:.1f} % |" in text


def test_what_masks_are_worth_is_measured_where_a_row_asks_for_it(tmp_path):
    small = replace(SMALL, test_per_class=2)
    plain, asked = STUDIES["masks"].rows[1:3]
    assert not plain.audited
    assert asked.audited
    folders = {name: tmp_path / name for name in ("work", "results", "cache")}
    run_queue([plain, asked], seeds=[0], size=small, report=lambda _: None, **folders)
    without, found = read_outcomes(folders["results"] / small.name)
    assert (without.key, without.averages_cost, without.clip_share) == ("maagn", None, None)
    assert "--set shift=false --set min_hidden=8" in found.command

    model = load_model(folders["work"] / small.name / f"{found.key}-0.safetensors")
    data = rendered_data([model], split="test", per_class=2)
    (again,) = audit(tmp_path / "again", [model], data)
    assert found.averages_cost == again.masks.effects["average"].top1.points.value
    assert found.opposites_cost == again.masks.effects["opposite"].top1.points.value
    assert 0 < found.clip_share == again.masks.clip_share

    page = tmp_path / "page.md"
    write_page(page, folders["results"], shipped=tmp_path / "none.parquet")
    (row,) = (line for line in page.read_text("utf-8").splitlines() if asked.name in line)
    assert f"| {found.averages_cost:+.1f} | {found.opposites_cost:+.1f} |" in row
    assert row.endswith(f"| {100 * found.top1:.1f} |")


def test_a_row_may_begin_its_masks_otherwise():
    specs = {row.key: FRESH.training(row, 0, None) for row in STUDIES["masks"].rows}
    assert specs["maagn"].masks_spread == specs["unshifted-32"].masks_spread == 1.5
    assert specs["unshifted-wide"].masks_spread == 4.0
    assert dict(specs["unshifted-wide"].changes)["shift"] == "false"


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
    for size, count in ((FRESH, 13), (FROM_TSM, 16)):
        keys = [row.key for row in found[size]]
        assert len(keys) == len(set(keys)) == count
