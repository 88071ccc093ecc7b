"""The map of clips on the page Errors: what it is made of, and what is chosen on it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app import cache
from app.jobs import Job
from app.views import neighbour_layers, notebook
from app.views.neighbours import clip_space, stored_features
from app.views.recorded import of_networks
from maagn import checkpoint
from maagn.checkpoint import load_model
from maagn.evaluate import runner
from maagn.evaluate.evaluations import EvaluationRun, benchmark_plan, evaluate
from maagn.evaluate.neighbours import reduce_features
from maagn.evaluate.results import read_results
from maagn.evaluate.store import ANSWERS
from tests.app.own_networks import OPPOSITES_TITLE, write_own_networks
from tests.app.test_explore import page_text, settle
from tests.app.test_notebook import run
from tests.app.test_recorded import opened

OWN = ("own-maagn", "own-tsn")
DEMONSTRATION = ("maagn-demo", "tpn-demo", "tsm-demo", "tsn-demo")


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path) -> Path:
    write_own_networks(tmp_path / "networks")
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path / "networks")
    monkeypatch.setattr(runner, "FOLDER", tmp_path / "evaluations")
    monkeypatch.setenv("MAAGN_DATABASE", f"sqlite:///{tmp_path / 'notes.db'}")
    return tmp_path


def keep(names, *, features: bool) -> EvaluationRun:
    """An evaluation that really asked the networks."""
    models = [replace(load_model(cache.file_of(name)), name=name) for name in names]
    kept = EvaluationRun(benchmark_plan(models, per_class=1, features=features))
    evaluate(kept, models)
    return kept


def test_the_map_is_made_of_features_where_the_run_kept_them():
    kept = keep(OWN, features=True)
    found = of_networks(OWN)
    for predictions in found.results:
        stored = stored_features(found, predictions)
        assert stored == (kept.folder / ANSWERS, predictions.model)
        space = clip_space(predictions, stored, Job())
        rows = pq.read_table(kept.folder / ANSWERS).to_pandas()
        own = rows[rows["model"] == predictions.model].sort_values("place")
        exact = reduce_features(np.stack(own["features"].to_numpy()))
        assert space.width == len(own["features"].iloc[0])
        assert np.array_equal(space.reduced.plane, exact.plane)
    text = page_text(opened("errors", networks=OPPOSITES_TITLE, view="Neighbours", m="own-tsn"))
    assert f"placed by its {space.width} numbers" in text
    assert "no features" not in text


def test_a_run_without_features_is_placed_by_logits_and_says_what_keeps_them():
    keep(OWN, features=False)
    found = of_networks(OWN)
    assert stored_features(found, found.results.of("own-tsn")) is None
    app = opened("errors", networks=OPPOSITES_TITLE, view="Neighbours", m="own-tsn")
    text = page_text(app)
    assert "placed by its 34 logits" in text
    command = "maagn evaluate --model own-tsn --split test --per-class 1 --features"
    assert command in [block.value for block in app.code]


def test_features_of_the_same_rendered_clips_are_taken_from_another_run():
    """The results that came with the explorer have none: an evaluation of the same weights has."""
    found = of_networks(DEMONSTRATION)
    predictions = found.results.of("tsn-demo")
    card, n = cache.card("tsn-demo"), len(predictions)
    plan = benchmark_plan([card], per_class=60, features=True)
    kept = EvaluationRun(plan)
    kept.begin()
    assert stored_features(found, predictions) is None  # it is not done
    features = np.random.default_rng(0).normal(size=(n, 3)).astype(np.float16)
    columns = {
        "model": pa.array(["tsn-demo"] * n),
        "place": pa.array(np.arange(n)),
        "features": pa.array(list(features)),
    }
    pq.write_table(pa.table(columns), kept.folder / ANSWERS)
    assert stored_features(found, predictions) == (kept.folder / ANSWERS, "tsn-demo")
    assert stored_features(found, found.results.of("tsm-demo")) is None
    text = page_text(opened("errors", view="Neighbours", m="tsn-demo"))
    assert "placed by its 3 numbers" in text


def test_a_link_opens_a_clips_neighbours_and_an_unknown_clip_is_left_out():
    app = settle(opened("errors", view="Neighbours", m="tsm-demo", near="276"))
    text = page_text(app)
    assert "Chosen: Test clip 276: 1 clip" in text
    assert "Its nearest neighbours: 10 clips" in text
    assert "Clips among their opposite's" in text
    app = settle(opened("errors", view="Neighbours", m="tsm-demo", near="99999"))
    assert "Chosen:" not in page_text(app)
    assert "near" not in app.query_params


@pytest.mark.parametrize("chosen", ["hands = 1", "speed"])
def test_a_factor_colours_the_map(chosen):
    app = opened("errors", view="Neighbours", m="tsm-demo", map="Slice", map_slice=chosen)
    assert not app.error
    assert app.selectbox(key="map_slice").value == chosen


def test_every_clip_is_in_one_layer_and_the_marked_ones_in_a_further_one(monkeypatch):
    found = of_networks(DEMONSTRATION)
    predictions = found.results.of("tsm-demo")
    marked = np.zeros(len(predictions), bool)
    marked[[3, 40]] = True
    monkeypatch.setattr(neighbour_layers.session, "heed_link", lambda *_, **__: None)
    *drawn, diamonds = neighbour_layers.layers(found, predictions, marked)
    assert diamonds.rows.tolist() == [3, 40]
    rows = np.concatenate([layer.rows for layer in drawn])
    assert np.array_equal(np.sort(rows), np.arange(len(predictions)))
    assert len(drawn) == 3


def test_copied_lines_give_the_same_marked_clips(tmp_path):
    found = of_networks(DEMONSTRATION)
    predictions = found.results.of("tsn-demo")
    names = run(notebook.neighbours(found.sources["tsn-demo"], None), tmp_path)
    space = clip_space(read_results().of("tsn-demo"), None, Job())
    assert np.array_equal(names["reduced"].plane, space.reduced.plane)
    assert str(predictions.clip[space.marked]) in names["printed"]
    keep(OWN, features=True)
    found = of_networks(OWN)
    stored = stored_features(found, found.results.of("own-tsn"))
    names = run(notebook.neighbours(found.sources["own-tsn"], stored), tmp_path)
    space = clip_space(found.results.of("own-tsn"), stored, Job())
    assert np.array_equal(names["reduced"].plane, space.reduced.plane)
