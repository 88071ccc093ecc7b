"""Networks are evaluated from the app: told before, stopped, resumed, and fair to visitors."""

import threading
import time

import pytest

from app import cache
from app.jobs import Job
from app.networks import groups
from app.views import evaluate
from app.views.evaluate import VISITORS, duration, summary
from maagn import checkpoint
from maagn.data import registry
from maagn.data.registry import find, register, videos_of
from maagn.errors import EvaluationError
from maagn.evaluate import runner
from maagn.evaluate import runs as stored
from maagn.evaluate.evaluations import EvaluationRun, benchmark_plan, evaluations, set_plan
from maagn.evaluate.forecast import forecast
from maagn.evaluate.runner import Progress
from maagn.video.views import ViewSpec
from tests.app.own_networks import save_own
from tests.app.test_explore import page_text
from tests.app.test_runs import LABELS, opened, videos  # noqa: F401 - a fixture
from tests.tiny import BASELINES, SPEC

PATIENCE_SECONDS = 120


@pytest.fixture(autouse=True)
def data(monkeypatch, tmp_path, videos):  # noqa: F811
    """Doors, registered, and two tiny networks that know them."""
    networks = tmp_path / "networks"
    networks.mkdir()
    for name, spec in {"door-maagn": SPEC, "door-tsn": BASELINES["tsn"]}.items():
        save_own(networks / f"{name}.safetensors", spec, LABELS)
    for path in checkpoint.FOLDER.glob("*-demo.safetensors"):
        (networks / path.name).symlink_to(path)
    monkeypatch.setattr(checkpoint, "FOLDER", networks)
    monkeypatch.setattr(registry, "FOLDER", tmp_path / "sets")
    monkeypatch.setattr(runner, "FOLDER", tmp_path / "runs" / "evaluations")
    monkeypatch.setattr(stored, "FOLDER", tmp_path / "runs")
    return register(videos)


def names() -> tuple[str, ...]:
    return ("door-maagn", "door-tsn")


def of_doors(data, *, few: int | None = None, views: ViewSpec | None = None) -> EvaluationRun:
    cards = [cache.card(name) for name in names()]
    return EvaluationRun(
        set_plan(cards, data, per_class=few, views=views, batch=4), data=data.name, few=few
    )


def test_a_registered_set_is_evaluated_and_can_be_opened(data):
    kept = of_doors(data)
    job = evaluate.start(kept)
    wait(job)
    assert job.future.exception() is None
    results = kept.results()
    assert results.models == names()
    assert [len(one) for one in results] == [9, 9]
    assert results.of("door-maagn").gate is not None  # both orders keep masks and gates
    assert results.of("door-tsn").reversed_answer is not None
    assert (results.origin.data, results.origin.folder) == (data.name, str(data.folder))
    (found,) = evaluations()
    assert (found.key, found.data, found.few, found.done) == (kept.key, data.name, None, True)
    app = opened("data", view="Evaluate")
    assert any("9 clips" in one.value for one in app.markdown)
    (title,) = [one for one in evaluate.runs.choices() if one.startswith("doors-val val")]
    assert "9 clips of doors-val" in page_text(opened("compare", run=title))
    near = page_text(opened("errors", run=title, view="Neighbours"))
    assert "principal component" in near or "features" in near
    assert "There are no features of these clips" not in near


def test_several_views_are_answers_alone(data):
    kept = of_doors(data, few=1, views=ViewSpec("three-crop", 2))
    assert (kept.plan.kind, kept.plan.clips) == ("answers", 3)
    wait(evaluate.start(kept))
    assert kept.done
    assert kept.results().of("door-tsn").reversed_answer is None
    assert "--views three-crop --clips 2" in kept.command


def test_some_of_each_class_are_spread_over_the_set(data):
    assert [video.id for video in videos_of(data, per_class=2).videos] == [
        "clip 0", "clip 1", "clip 2", "clip 3", "clip 4", "clip 5",
    ]  # fmt: skip
    assert [one.label for one in videos_of(data).videos] == [0, 1, 2] * 3
    assert len(videos_of(data, per_class=99)) == 9


def test_a_set_that_has_changed_is_refused(data, videos):  # noqa: F811
    kept = of_doors(data)
    kept.begin()
    register(type(videos)(**{**vars(videos), "videos": videos.videos[:5]}))
    with pytest.raises(EvaluationError, match="data set's clips have changed"):
        evaluate.evaluate(kept, [cache.model(name) for name in names()])
    assert len(videos_of(find("doors-val"))) == 5


def test_what_it_takes_is_measured(data):
    kept = of_doors(data)
    told = []
    found = forecast(
        kept.plan,
        kept.videos(),
        [cache.model(name) for name in names()],
        report=lambda part, _what: told.append(part),
    )
    assert found.clips == 3
    assert found.seconds > 0
    assert found.bytes > 0
    assert told == sorted(told)
    begun = time.monotonic()
    wait(evaluate.start(kept))
    assert time.monotonic() - begun < 20 * found.seconds + 5


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (42, "42 s"), (600, "10 min"), (9000, "2.5 h")]
)
def test_durations_are_as_precise_as_a_forecast(seconds, words):
    assert duration(seconds) == words


def test_visitors_go_first():
    """An evaluation waits between its batches while somebody's job runs."""
    release, job = threading.Event(), Job()
    busy = VISITORS.ask("somebody's", lambda _job: release.wait(PATIENCE_SECONDS))
    told = threading.Thread(target=evaluate._tell, args=(job, Progress(4, 9, 1.0)))
    told.start()
    told.join(1.5)
    assert told.is_alive()
    assert job.doing == "4 of 9 clips, waits while visitors are served"
    release.set()
    told.join(5)
    assert not told.is_alive()
    wait(busy)


def test_all_networks_that_know_the_classes_are_offered():
    app = opened("data", view="Evaluate")
    choice = next(one for one in app.multiselect if one.label == "Networks")
    assert set(choice.options) == set(groups()["Demonstration"])
    title = next(title for title, members in groups().items() if names()[0] in members)
    app = opened("data", view="Evaluate", set="doors-val", networks=title)
    offered = next(one for one in app.selectbox if one.label == "Networks that know its classes")
    assert list(offered.options) == ["Demonstration", title]
    choice = next(one for one in app.multiselect if one.label == "Networks")
    assert set(choice.options) == set(names())
    assert any("9 clips, each in both orders: about" in one.value for one in app.markdown)


def test_an_evaluation_is_stopped_and_goes_on_where_it_was(tmp_path, monkeypatch):
    plan = benchmark_plan([cache.card("tsn-demo")], split="val", per_class=1)
    kept = EvaluationRun(plan, root=tmp_path)
    reached = threading.Event()
    tell = evaluate._tell

    def stop_at_the_first_batch(job, progress):
        if progress.done and not reached.is_set():
            reached.set()
            job.cancel()
        tell(job, progress)

    monkeypatch.setattr(evaluate, "_tell", stop_at_the_first_batch)
    job = evaluate.start(kept)
    wait(job)
    assert job.cancelled
    assert evaluate.failed(kept) is None
    assert kept.progress().done == 16
    again = evaluate.start(kept)
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
