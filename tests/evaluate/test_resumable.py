from dataclasses import fields, replace

import numpy as np
import pytest

import maagn.evaluate.runner as asking
from maagn.checkpoint import load_model
from maagn.errors import EvaluationError
from maagn.evaluate.runner import EvaluationRun, Plan, ask, evaluate, evaluations
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.dataset import OppositesDataset
from tests.tiny import BASELINES, SPEC, save_tiny

CLASSES = len(OPPOSITES_LABELS)


class Stopped(Exception):
    pass


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    specs = {"maagn": SPEC, "tsn": BASELINES["tsn"]}
    return [
        load_model(
            save_tiny(
                folder / f"{name}.safetensors",
                spec=replace(spec, classes=CLASSES),
                labels=OPPOSITES_LABELS,
            )
        )
        for name, spec in specs.items()
    ]


@pytest.fixture
def kept(models, tmp_path):
    return EvaluationRun(Plan.of(models, split="val", per_class=1), root=tmp_path)


def stop_after(batches: int):
    told = []

    def report(progress):
        told.append(progress)
        if len(told) == batches:
            raise Stopped

    return report, told


def test_stopped_and_gone_on_with_equals_undisturbed_bit_for_bit(models, kept, monkeypatch):
    whole = ask(models, split="val", per_class=1)
    drawn = []
    get = OppositesDataset.get
    monkeypatch.setattr(OppositesDataset, "get", lambda data, i: drawn.append(i) or get(data, i))
    report, told = stop_after(1)
    with pytest.raises(Stopped):
        evaluate(kept, models, report=report)
    assert kept.progress().done == 2 * 16
    assert told[0].seconds_left > 0
    assert kept.results() is None
    found = evaluate(kept, models)
    assert drawn == list(range(CLASSES))  # no clip twice
    assert kept.progress().part == 1
    for one, other in zip(found, whole, strict=True):
        for name in (field.name for field in fields(one)):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), strict=True)
    assert kept.results().models == ("maagn", "tsn")


def test_a_damaged_batch_is_asked_again(models, kept, monkeypatch):
    whole = evaluate(kept, models)
    path = sorted(kept.folder.glob("*.npz"))[0]
    path.write_bytes(path.read_bytes()[:100])
    asked = []
    answer = asking._answer
    monkeypatch.setattr(
        asking, "_answer", lambda model, *rest: asked.append(model.name) or answer(model, *rest)
    )
    again = evaluate(kept, models)
    assert len(asked) == 1
    np.testing.assert_array_equal(again.answers[0].logits, whole.answers[0].logits)


def test_begun_evaluations_are_found_again_and_can_be_forgotten(models, kept, tmp_path):
    assert evaluations(root=tmp_path) == []
    report, _ = stop_after(1)
    with pytest.raises(Stopped):
        evaluate(kept, models, report=report)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "plan.json").write_text("[1")
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
    assert old.plan.key != kept.plan.key
