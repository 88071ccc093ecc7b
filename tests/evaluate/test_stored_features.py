"""A run that keeps what its networks' classifiers read, and the same without."""

import json
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from maagn.checkpoint import load_model
from maagn.data.mapping import relabelled
from maagn.errors import ResultsError, RunError
from maagn.evaluate.evaluations import EvaluationRun, benchmark_plan, evaluate, evaluations
from maagn.evaluate.plan import Plan
from maagn.evaluate.prediction_rows import PredictionRows
from maagn.evaluate.queries import Queries
from maagn.evaluate.runner import run
from maagn.evaluate.store import ANSWERS
from maagn.evaluate.stored_features import has_features, read_features
from maagn.video.transform import normalise
from maagn.video.views import ViewSpec
from tests import own_kind
from tests.tiny import save_tiny

VIEWS = ViewSpec("three-crop", clips=2)


@pytest.fixture(scope="module")
def videos(odd_set, models):
    return relabelled(odd_set, models[0].labels)


def table_of(folder, models, videos, **options):
    plan = Plan.of(models, videos, batch=3, views=VIEWS, **options)
    return run(folder, plan, videos, PredictionRows(plan, models))


@pytest.fixture(scope="module")
def kept(tmp_path_factory, models, videos):
    return table_of(tmp_path_factory.mktemp("kept"), models, videos, features=True)


def test_features_are_what_the_classifiers_read_averaged_over_the_views(kept, models, videos):
    readable = np.array([0, 1, 2, 7, 8, 9])
    asking = PredictionRows(Plan.read(kept.parent), models)
    for model in models:
        features = read_features(kept, model.name, readable)
        pictures, _ = asking.prepare(videos.videos[8])[asking._look(model)]
        with torch.inference_mode():
            stages = model.network.forward_features(normalise(pictures, model.transform))
            read = torch.cat(model.network.head_inputs(stages), dim=1)
        assert features.shape == (6, read.shape[1])
        assert np.abs(features[4] - read.mean(dim=0).numpy()).max() < 2e-3 * read.abs().max()
    assert read_features(kept, models[0].name, readable[::-1])[1].tolist() == (
        read_features(kept, models[0].name, readable)[4].tolist()
    )


@pytest.mark.usefixtures("own_table")
def test_of_a_network_without_classifiers_the_last_stage_is_kept(videos, tmp_path):
    own_kind.register(own_kind.Headless)
    spec = replace(own_kind.SPEC, classes=len(videos.labels))
    model = load_model(save_tiny(tmp_path / "one.safetensors", spec=spec, labels=videos.labels))
    table = table_of(tmp_path / "run", [model], videos, features=True)
    features = read_features(table, model.name, np.array([0, 1]))
    assert features.shape == (2, spec.width)
    assert features.std() > 0


def test_predictions_are_the_same_with_and_without(kept, models, videos, tmp_path):
    plain = table_of(tmp_path, models, videos)
    assert pq.read_table(kept).drop_columns("features").equals(pq.read_table(plain))
    assert (has_features(kept), has_features(plain)) == (True, False)
    assert not has_features(tmp_path / "nothing.parquet")
    assert Queries(kept.parent).overall().equals(Queries(tmp_path).overall())


def test_what_cannot_be_given_is_said(kept, models, videos, tmp_path):
    with pytest.raises(ResultsError, match="no features of 1 of 2 clips"):
        read_features(kept, models[0].name, np.array([1, 4]))  # which cannot be read
    with pytest.raises(ResultsError, match="of 1 of 1 clips"):
        read_features(kept, "nobody", np.array([1]))
    with pytest.raises(ResultsError, match="--features"):
        read_features(table_of(tmp_path, models, videos), models[0].name, np.array([1]))


def test_a_manifest_of_before_is_of_the_same_plan_and_features_are_another(
    models, videos, tmp_path
):
    plan = Plan.of(models, videos)
    plan.agree(tmp_path)
    path = tmp_path / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["features"]
    path.write_text(json.dumps(manifest))
    plan.agree(tmp_path)
    assert Plan.read(tmp_path) == plan
    with pytest.raises(RunError, match="of other features"):
        Plan.of(models, videos, features=True).agree(tmp_path)


def test_an_evaluation_of_rendered_clips_with_features_has_a_folder_of_its_own(models, tmp_path):
    plan = benchmark_plan(models, per_class=1, features=True)
    evaluation = EvaluationRun(plan, root=tmp_path)
    assert evaluation.key != EvaluationRun(replace(plan, features=None), root=tmp_path).key
    assert evaluation.command.endswith(" --per-class 1 --features")
    results = evaluate(evaluation, models)
    table = evaluation.folder / ANSWERS
    for predictions in results:
        assert len(read_features(table, predictions.model, predictions.clip)) == 34
    assert [kept.folder for kept in evaluations(root=tmp_path)] == [evaluation.folder]
