import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import audits, cache
from app.networks import DEMONSTRATION, groups
from app.views import settings
from app.views.settings import origin_rows, summary
from maagn import checkpoint
from maagn.evaluate import runner
from maagn.evaluate.evaluations import EvaluationRun, benchmark_plan

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120


@pytest.fixture
def app(monkeypatch, tmp_path) -> AppTest:
    monkeypatch.setattr(runner, "FOLDER", tmp_path)
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=PATIENCE_SECONDS)
    app.run()
    app.switch_page(str(ROOT / "pages" / "settings.py"))
    return app


def settle(app: AppTest) -> str:
    app.run()
    assert not app.exception
    assert not app.error
    return " ".join(x.value for x in [*app.markdown, *app.caption, *app.warning])


def test_networks_data_and_machine_are_told(app):
    text = settle(app)
    for name in groups()[DEMONSTRATION]:
        assert name in text
    assert "parameters" in text
    assert "34 classes in 17 pairs" in text
    assert "given by other weights" not in text
    assert "No evaluations yet" in text
    assert f"Masks: {audits.summary_of(cache.card('maagn-demo'))}" in text
    with_masks = [name for name in checkpoint.available() if cache.card(name).has_masks]
    assert with_masks == ["maagn-demo", "walking-maagn"]
    assert text.count("Masks:") == 2


def test_answers_of_other_weights_are_told():
    found = cache.results()
    cards = [cache.card(name) for name in groups()[DEMONSTRATION]]
    assert origin_rows(found, cards)[1] == []
    changed = [replace(cards[0], digest="0" * 64), *cards[1:]]
    rows, names = origin_rows(found, changed)
    assert names == [cards[0].name]
    assert "✗" in rows.set_index("network").loc[cards[0].name, "present checkpoint"]


def test_an_evaluation_is_stopped_and_goes_on_where_it_was(tmp_path, monkeypatch):
    plan = benchmark_plan([cache.card("tsn-demo")], split="val", per_class=1)
    kept = EvaluationRun(plan, root=tmp_path)
    reached = threading.Event()
    tell = settings._tell

    def stop_at_the_first_batch(job, progress):
        if progress.done and not reached.is_set():
            reached.set()
            job.cancel()
        tell(job, progress)

    monkeypatch.setattr(settings, "_tell", stop_at_the_first_batch)
    job = settings.start(kept)
    wait(job)
    assert job.cancelled
    assert settings.failed(kept) is None
    assert kept.progress().done == 16
    again = settings.start(kept)
    assert again is not job
    wait(again)
    assert kept.progress().part == 1
    table = summary(kept.results())
    assert table["clips"].tolist() == [34]
    assert table["flips when reversed"].item()[:3] in ("0.0", "no ")  # TSN knows no order


def wait(job) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not job.done and time.monotonic() < until:
        time.sleep(0.05)
    assert job.done
