from dataclasses import fields, replace

import numpy as np
import pytest

from maagn.errors import EvaluationError, RunError
from maagn.evaluate.evaluations import (
    EvaluationRun,
    ask,
    benchmark_plan,
    evaluate,
    evaluations,
)
from maagn.evaluate.metrics import count
from maagn.evaluate.prediction_rows import PredictionRows
from maagn.evaluate.queries import Queries
from maagn.evaluate.store import MANIFEST, RESULTS
from maagn.opposites.clip import OPPOSITES_LABELS

CLASSES = len(OPPOSITES_LABELS)


class Stopped(Exception):
    pass


@pytest.fixture
def kept(models, tmp_path):
    return EvaluationRun(benchmark_plan(models, split="val", per_class=1), root=tmp_path)


def batches_asked(monkeypatch):
    """First clips of the batches that networks are asked about from now on."""
    asked = []
    rows = PredictionRows.rows
    monkeypatch.setattr(
        PredictionRows,
        "rows",
        lambda self, indices, *rest: asked.append(indices.start) or rows(self, indices, *rest),
    )
    return asked


def stop_after(batches: int):
    told = []

    def report(progress):
        told.append(progress)
        if len(told) == batches:
            raise Stopped

    return report, told


def test_stopped_and_gone_on_with_equals_undisturbed_bit_for_bit(models, kept, monkeypatch):
    whole = ask(models, split="val", per_class=1)
    asked = batches_asked(monkeypatch)
    report, told = stop_after(1)
    with pytest.raises(Stopped):
        evaluate(kept, models, report=report)
    assert kept.progress().done == 16
    assert told[0].seconds_left > 0
    assert kept.results() is None
    found = evaluate(kept, models)
    assert asked == [0, 16, 32]  # no batch twice
    assert kept.progress().part == 1
    for one, other in zip(found, whole, strict=True):
        for name in (field.name for field in fields(one)):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), strict=True)
    assert kept.results().models == ("maagn", "tsn")
    table = Queries(kept.folder).overall()  # as any other run
    assert table["clips"].tolist() == [CLASSES, CLASSES]
    assert table["top1"].tolist() == [count(predictions).top1.value for predictions in whole]


def test_a_damaged_batch_is_asked_again(models, kept, monkeypatch):
    whole = evaluate(kept, models)
    path = kept.folder / "parts" / "00000016-16.parquet"
    path.write_bytes(path.read_bytes()[:100])
    written = (kept.folder / RESULTS).read_bytes()
    asked = batches_asked(monkeypatch)
    again = evaluate(kept, models)
    assert asked == [16]
    assert (kept.folder / RESULTS).read_bytes() == written
    np.testing.assert_array_equal(again.predictions[0].logits, whole.predictions[0].logits)


def test_begun_evaluations_are_found_again_and_can_be_forgotten(models, kept, tmp_path):
    assert evaluations(root=tmp_path) == []
    report, _ = stop_after(1)
    with pytest.raises(Stopped):
        evaluate(kept, models, report=report)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "manifest.json").write_text("[1")
    (tmp_path / "older").mkdir()
    (tmp_path / "older" / "plan.json").write_text("[1")
    (found,) = evaluations(root=tmp_path)
    assert found.plan == kept.plan
    found.remove()
    assert evaluations(root=tmp_path) == []


def test_other_weights_or_versions_are_refused(models, kept, tmp_path):
    with pytest.raises(EvaluationError, match="checkpoint has changed"):
        evaluate(kept, models[:1])
    old = EvaluationRun(replace(kept.plan, versions=("3.9.0", "1.0", "1.0")), root=tmp_path)
    with pytest.raises(EvaluationError, match=r"3\.9\.0"):
        evaluate(old, models)
    assert old.key != kept.key
    assert not kept.folder.exists()  # what is refused is not begun
    assert not old.folder.exists()


def test_a_folder_of_other_clips_is_refused_and_stays_as_it_is(models, kept, tmp_path):
    kept.begin()
    written = (kept.folder / MANIFEST).read_bytes()
    asked = EvaluationRun(replace(kept.plan, data_digest="0" * 64), root=tmp_path)
    assert asked.folder == kept.folder
    with pytest.raises(RunError, match="other data_digest"):
        asked.begin()
    with pytest.raises(EvaluationError, match="clips have changed"):
        evaluate(asked, models)
    assert (kept.folder / MANIFEST).read_bytes() == written


def test_an_evaluation_goes_on_with_the_threads_that_it_was_begun_with(kept, tmp_path):
    threads = kept.plan.threads
    kept.begin()
    again = EvaluationRun(replace(kept.plan, threads=threads + 1), root=tmp_path)
    again.begin()
    assert again.plan == kept.plan
