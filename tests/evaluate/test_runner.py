"""A run over a set of videos: rows for all, the same bytes whatever stopped it."""

import json
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
import torch

from maagn.checkpoint import load_model
from maagn.data.mapping import relabelled
from maagn.data.read import read_video
from maagn.errors import PairsError, RunError
from maagn.evaluate.plan import Plan
from maagn.evaluate.prediction_rows import PredictionRows
from maagn.evaluate.queries import Queries
from maagn.evaluate.runner import run
from maagn.inference import predict
from maagn.labels import ClassPairs
from maagn.video.transform import normalise
from maagn.video.views import ViewSpec, flipped_classes


class Stopped(Exception):
    """Somebody has had enough."""


@pytest.fixture(scope="module")
def models():
    return [load_model("tsm-demo"), load_model("maagn-demo")]


@pytest.fixture(scope="module")
def videos(odd_set, models):
    return relabelled(odd_set, models[0].labels)


def plan_of(models, videos, **changes):
    return Plan.of(models, videos, **{"batch": 3, **changes})


@pytest.fixture(scope="module")
def whole(tmp_path_factory, models, videos):
    folder = tmp_path_factory.mktemp("whole")
    plan = plan_of(models, videos)
    return run(folder, plan, videos, PredictionRows(plan, models))


def test_every_video_has_a_row_of_each_network_or_a_reason(whole, videos):
    rows = pq.read_table(whole).to_pandas()
    assert list(rows["model"]) == ["tsm-demo"] * 10 + ["maagn-demo"] * 10
    assert list(rows["place"]) == list(range(10)) * 2
    assert list(rows["id"][:10]) == [video.id for video in videos.videos]
    unread = rows[rows["reason"].notna()]
    assert set(unread["id"]) == {"missing", "empty", "cut", "three"}
    assert unread["answer"].isna().all()
    assert unread["logits"].isna().all()
    reasons = dict(zip(unread["id"], unread["reason"], strict=True))
    assert "no file missing" in reasons["missing"]
    assert "is empty" in reasons["empty"]
    assert "3 frames" in reasons["three"]


def test_answers_are_the_networks_own(whole, models, videos):
    rows = pq.read_table(whole).to_pandas()
    for row in rows[rows["reason"].isna()].itertuples():
        model = next(one for one in models if one.name == row.model)
        alone = predict(model, read_video(videos.videos[row.place], samplings=[model.sampling]))
        assert np.abs(row.logits - alone.logits).max() < 1e-4
        assert row.answer == alone.logits.argmax() == row.top5[0]
        assert row.probability == pytest.approx(alone.probabilities.max(), abs=1e-5)
    queries = Queries(whole.parent)
    assert queries.models == ("tsm-demo", "maagn-demo")
    assert list(queries.overall()["unreadable"]) == [4, 4]
    assert list(queries.unreadable()["id"]) == ["three", "cut", "empty", "missing"]


@pytest.mark.parametrize("after", [1, 2, 3])
def test_stopped_anywhere_and_begun_again_gives_the_same_bytes(
    after, whole, models, videos, tmp_path
):
    plan = plan_of(models, videos)
    asked = []

    class Counting(PredictionRows):
        def rows(self, places, videos, seen):
            asked.append(places)
            return super().rows(places, videos, seen)

    def stop(_progress):
        if len(asked) == after:
            raise Stopped

    with pytest.raises(Stopped):
        run(tmp_path, plan, videos, Counting(plan, models), report=stop)
    (tmp_path / "parts" / "00000000-3.parquet.77.part").write_bytes(b"half")
    out = run(tmp_path, plan, videos, Counting(plan, models))
    assert out.read_bytes() == whole.read_bytes()
    assert asked == plan.batches()  # none twice
    assert not list(tmp_path.glob("**/*.part"))


def test_a_damaged_batch_is_asked_again(whole, models, videos, tmp_path):
    plan = plan_of(models, videos)
    run(tmp_path, plan, videos, PredictionRows(plan, models))
    part = tmp_path / "parts" / "00000003-3.parquet"
    part.write_bytes(part.read_bytes()[:200])
    out = run(tmp_path, plan, videos, PredictionRows(plan, models))
    assert out.read_bytes() == whole.read_bytes()


def test_another_run_in_the_folder_is_named(whole, models, videos):
    plan = plan_of(models, videos, views=ViewSpec("ten-crop"))
    with pytest.raises(RunError, match="another run, of other views"):
        run(whole.parent, plan, videos, PredictionRows(plan, models))
    manifest = json.loads((whole.parent / "manifest.json").read_text())
    assert manifest["views"] == {"crops": "centre", "clips": 1}


def test_two_at_once_are_refused(models, videos, tmp_path):
    plan = plan_of(models, videos)

    def again(_progress):
        run(tmp_path, plan, videos, PredictionRows(plan, models))

    with pytest.raises(RunError, match="at work"):
        run(tmp_path, plan, videos, PredictionRows(plan, models), report=again)


def test_ten_crops_of_two_clips_are_their_mean_with_sides_exchanged(models, videos, tmp_path):
    plan = plan_of(models[:1], videos, views=ViewSpec("ten-crop", clips=2))
    rows = pq.read_table(run(tmp_path, plan, videos, PredictionRows(plan, models[:1]))).to_pandas()
    asking = PredictionRows(plan, models[:1])
    ((pictures, flipped),) = asking.prepare(videos.videos[0]).values()
    with torch.inference_mode():
        logits = models[0].network(normalise(pictures, models[0].transform)).double().numpy()
    order = list(flipped_classes(models[0].labels))
    expected = np.mean(
        [row[order] if f else row for row, f in zip(logits, flipped, strict=True)], 0
    )
    assert order != sorted(order)
    assert np.abs(rows["logits"][0] - expected).max() < 1e-4


def renamed(model, change):
    """The network and a set that call the classes otherwise."""
    return replace(model, labels=tuple(map(change, model.labels)))


SIDES = {
    "Pushing something from left to right": "SwipeRight",
    "Pushing something from right to left": "SwipeLeft",
    "Turning the camera left while filming something": "Turning_counter-clockwise",
    "Turning the camera right while filming something": "turning clockwise",
}


@pytest.mark.parametrize(
    "change",
    [
        lambda label: label.replace("something", "[something]").lower() + ".",
        lambda label: SIDES.get(label, label),
    ],
    ids=["templates", "words of one's own"],
)
def test_ten_crops_give_the_same_whatever_the_sides_are_called(models, videos, tmp_path, change):
    found = []
    for number, model in enumerate((models[0], renamed(models[0], change))):
        named = replace(videos, labels=model.labels)
        plan = plan_of([model], named, views=ViewSpec("ten-crop"))
        out = run(tmp_path / str(number), plan, named, PredictionRows(plan, [model]))
        found.append(pq.read_table(out))
    assert found[0].equals(found[1])


def test_ten_crops_are_refused_where_a_partner_is_not_known(models, videos):
    other = "Turning the camera left while filming something"
    model = renamed(models[0], lambda label: "Looking back" if label == other else label)
    named = replace(videos, labels=model.labels)
    with pytest.raises(PairsError, match=r"'Turning the camera right .*give --mirrored FILE"):
        plan_of([model], named, views=ViewSpec("ten-crop"))
    assert plan_of([model], named).pairs is None
    right = "Turning the camera right while filming something"
    told = replace(model, pairs=ClassPairs(mirrored=((right, "Looking back"),)))
    plan = plan_of([told], named, views=ViewSpec("ten-crop"))
    assert plan.pairs == {"mirrored": [[right, "Looking back"]]}


def test_a_run_of_other_pairs_is_another_run(whole, models, videos):
    told = [replace(model, pairs=ClassPairs(())) for model in models]
    plan = plan_of(told, videos)
    with pytest.raises(RunError, match="another run, of other pairs"):
        run(whole.parent, plan, videos, PredictionRows(plan, told))


def test_a_run_of_an_earlier_version_goes_on(models, videos, tmp_path):
    plan = plan_of(models, videos)
    plan.agree(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest.pop("pairs") is None
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    plan.agree(tmp_path)
