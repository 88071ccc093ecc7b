"""Runs that were begun and finished before rendered and filmed clips had one runner.

The folders in `earlier` were written by that version.
"""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from app.gallery.catalogue import FOLDER as GALLERY
from maagn.checkpoint import load_model
from maagn.data.mapping import relabelled
from maagn.data.open import open_videos
from maagn.errors import RunError
from maagn.evaluate.evaluations import EvaluationRun, ask, benchmark_plan, evaluate, evaluations
from maagn.evaluate.explanations import ExplanationRows
from maagn.evaluate.plan import Plan, present_versions
from maagn.evaluate.prediction_rows import PredictionRows
from maagn.evaluate.queries import Queries
from maagn.evaluate.runner import run
from maagn.evaluate.store import SCHEMAS, BatchStore, clips_stored

EARLIER = Path(__file__).parent / "earlier"
KEY = "5fbae6c8693987a0"


def rendered(name: str, root: Path, models) -> Path:
    """A copy of that folder as if begun with these networks and the present versions."""
    plan = json.loads((EARLIER / name / "plan.json").read_text())
    old = plan["digests"]
    plan |= {
        "digests": [model.digest for model in models],
        "versions": list(present_versions()),
    }
    key = hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()[:16]
    shutil.copytree(EARLIER / name, root / key)
    (root / key / "plan.json").write_text(json.dumps(plan, indent=1))
    for before, now in zip(old, plan["digests"], strict=True):
        for path in (root / key).glob(f"{before[:12]}-*"):
            path.rename(path.with_name(path.name.replace(before[:12], now[:12])))
    return root / key


def test_evaluations_are_listed_under_their_names(tmp_path):
    for name in ("begun", "finished"):
        shutil.copytree(EARLIER / f"rendered-{name}", tmp_path / name / KEY)
    (begun,) = evaluations(root=tmp_path / "begun")
    assert (begun.key, begun.folder) == (KEY, tmp_path / "begun" / KEY)
    assert (begun.plan.models, begun.plan.split, begun.per_class) == (("maagn", "tsn"), "val", 1)
    assert (begun.progress().done, begun.progress().total) == (16, 34)
    assert begun.results() is None
    (finished,) = evaluations(root=tmp_path / "finished")
    results = finished.results()
    assert results.models == ("maagn", "tsn")
    assert len(results.of("tsn")) == 34


def test_an_evaluation_goes_on_from_the_batches_that_are_there(models, tmp_path):
    folder = rendered("rendered-begun", tmp_path, models)
    kept = {}
    for model in models:
        with np.load(folder / f"{model.digest[:12]}-000000-16.npz") as file:
            kept[model.name] = dict(file)
    told = []
    evaluation = EvaluationRun(benchmark_plan(models, split="val", per_class=1), root=tmp_path)
    assert evaluation.folder == folder
    results = evaluate(evaluation, models, report=told.append)
    assert [progress.done for progress in told] == [32, 34]
    anew = ask(models, split="val", per_class=1)
    for predictions, others in zip(results, anew, strict=True):
        for name, values in kept[predictions.model].items():
            np.testing.assert_array_equal(getattr(predictions, name)[:16], values)
        np.testing.assert_array_equal(predictions.logits[16:], others.logits[16:])
        for name in ("logits", "votes", "sdm", "mtam", "gate", "alpha"):
            values, expected = getattr(predictions, name), getattr(others, name)
            assert (values is None) == (expected is None)
            if values is not None:
                np.testing.assert_allclose(values, expected, atol=1e-4)
        assert predictions.path_frames == others.path_frames
    (listed,) = evaluations(root=tmp_path)
    assert listed.progress().part == 1
    assert listed.results().models == ("maagn", "tsn")


def test_only_the_run_takes_over_the_batches_that_are_there_and_alone(models, tmp_path):
    """`begin` is called where pages are drawn, while a run may be at work in the folder."""
    folder = rendered("rendered-begun", tmp_path, models)
    (evaluation,) = evaluations(root=tmp_path)
    evaluation.begin()
    assert clips_stored(folder) == 0
    assert evaluation.progress().done == 16
    store = BatchStore(folder, SCHEMAS[evaluation.plan.kind])
    with store.held(), pytest.raises(RunError, match="Another process is at work"):
        evaluate(evaluation, models)
    assert clips_stored(folder) == 0
    evaluate(evaluation, models)
    assert evaluation.progress().part == 1


def test_a_damaged_batch_of_an_evaluation_is_asked_again(models, tmp_path):
    folder = rendered("rendered-begun", tmp_path, models)
    path = folder / f"{models[1].digest[:12]}-000000-16.npz"
    path.write_bytes(path.read_bytes()[:200])
    told = []
    evaluate(evaluations(root=tmp_path)[0], models, report=told.append)
    assert [progress.done for progress in told] == [16, 32, 34]


@pytest.mark.parametrize("kind", ["answers", "explanations"])
def test_a_run_over_videos_goes_on(kind, tmp_path):
    for label in ("Opening something", "Closing something"):
        (tmp_path / "set" / label).mkdir(parents=True)
        name = label.lower().replace(" ", "-")
        for path in sorted(GALLERY.glob(f"*-{name}-*.mp4"))[:2]:
            shutil.copy(path, tmp_path / "set" / label)
    (tmp_path / "set" / "Opening something" / "empty.mp4").touch()
    models = [load_model("tsn-demo")]
    videos = relabelled(open_videos(tmp_path / "set"), models[0].labels)
    folder = tmp_path / "run"
    shutil.copytree(EARLIER / f"filmed-{kind}", folder)
    table = folder / f"{kind}.parquet"
    finished = pq.read_table(table).to_pandas()
    table.unlink()
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest |= {
        "digests": [model.digest for model in models],
        "versions": list(present_versions()),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    plan = Plan.of(models, videos, kind=kind, batch=2)
    assert Plan.read(folder) == plan
    told = []
    maker = PredictionRows if kind == "answers" else ExplanationRows
    assert run(folder, plan, videos, maker(plan, models), report=told.append) == table
    assert [progress.done for progress in told] == [4, 5]
    rows = pq.read_table(table).to_pandas()
    assert rows[:2].to_json() == finished[:2].to_json()
    assert rows["reason"].tolist() == finished["reason"].tolist()
    anew = pq.read_table(run(tmp_path / "anew", plan, videos, maker(plan, models))).to_pandas()
    assert rows[2:].to_json() == anew[2:].to_json()


def test_a_finished_run_over_videos_is_asked():
    queries = Queries(EARLIER / "filmed-answers")
    assert queries.models == ("tsn-demo",)
    assert queries.overall()["clips"].tolist() == [4]
    assert queries.unreadable()["id"].tolist() == ["Opening something/empty.mp4"]
