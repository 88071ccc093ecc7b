import maagn.reproduce.queue as queue
from maagn.reproduce.page import write_page
from maagn.reproduce.queue import read_outcomes, run_queue
from maagn.reproduce.study import STUDIES, Size

ROWS = STUDIES["table1"].rows[:2]
SMALL = Size(
    start_epochs=1, epochs=1, clips=16, test_per_class=1, rendered=36, crop=32, precision="32-true"
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
    assert trained == ["tsm-demo", "tsn-demo", "tsm-demo"]  # the common start, then the rows
    outcomes = read_outcomes(folders["results"])
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
