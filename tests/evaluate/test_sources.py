"""Rendered and filmed clips are sets of videos alike: each kind of run takes either."""

from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from maagn.checkpoint import load_model
from maagn.data.mapping import relabelled
from maagn.data.rendered import open_opposites
from maagn.errors import ModelError
from maagn.evaluate.evaluations import ask
from maagn.evaluate.explanations import ExplanationRows
from maagn.evaluate.plan import Plan
from maagn.evaluate.prediction_rows import PredictionRows
from maagn.evaluate.queries import Queries
from maagn.evaluate.runner import run
from maagn.evaluate.runs import read_run
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.dataset import OppositesDataset
from maagn.video.views import ViewSpec


@pytest.fixture(scope="module")
def models():
    return [load_model("tsn-demo"), load_model("maagn-demo")]


@pytest.fixture(scope="module")
def rendered():
    videos = open_opposites("val", per_class=1)
    return replace(videos, videos=videos.videos[:3])


def test_the_benchmark_is_a_set_of_videos():
    videos = open_opposites("val", per_class=2)
    data = OppositesDataset("val", length=len(videos))
    assert (len(videos), videos.labels) == (68, OPPOSITES_LABELS)
    assert [video.label for video in videos.videos] == [data.label(i) for i in range(68)]
    assert len({video.id for video in videos.videos}) == 68
    frames = videos.videos[40].draw(data.frames, data.rendered)
    np.testing.assert_array_equal(data.crop(frames, 40), data.get(40)[0])
    digests = {videos.digest, open_opposites("test", per_class=2).digest}
    digests.add(open_opposites("val", per_class=1).digest)
    assert len(digests) == 3


def test_rendered_clips_are_answered_and_explained(models, rendered, tmp_path):
    expected = ask(models, split="val", per_class=1)
    plan = Plan.of(models, rendered, batch=16)
    run(tmp_path / "answers", plan, rendered, PredictionRows(plan, models))
    queries = Queries(tmp_path / "answers")
    assert queries.overall()["clips"].tolist() == [3, 3]
    predictions = pq.read_table(tmp_path / "answers" / "answers.parquet").to_pandas()
    assert predictions["answer"].tolist() == [
        *expected.of("tsn-demo").answer[:3],
        *expected.of("maagn-demo").answer[:3],
    ]
    plan = Plan.of(models, rendered, kind="explanations")
    table = run(tmp_path / "explained", plan, rendered, ExplanationRows(plan, models))
    explained = pq.read_table(table).to_pandas()
    assert explained["answer"].tolist() == predictions["answer"].tolist()
    assert explained["reason"].isna().all()


def test_filmed_clips_are_shown_in_both_orders(models, odd_set, tmp_path):
    videos = relabelled(odd_set, models[0].labels)
    plan = Plan.of(models, videos, kind="both-orders", batch=4)
    table = run(tmp_path / "both", plan, videos, PredictionRows(plan, models))
    rows = pq.read_table(table).to_pandas()
    answered = rows[rows["reason"].isna()]
    assert len(rows) - len(answered) == 8
    unread = rows[rows["reason"].notna()]
    assert unread[["answer", "reversed_answer", "votes"]].isna().all(axis=None)
    tsn = answered[answered["model"] == "tsn-demo"]
    assert (tsn["answer"] == tsn["reversed_answer"]).all()  # it does not know order
    assert tsn["sdm"].isna().all()
    assert tsn["divergence"].max() < 1e-6
    assert unread["divergence"].isna().all()
    divergence = read_run(table.parent).of("maagn-demo").divergence
    assert divergence.max() > 0.1
    maagn = answered[answered["model"] == "maagn-demo"]
    assert [len(votes) for votes in maagn["votes"]] == [3 * len(videos.labels)] * len(maagn)
    assert [len(gates) for gates in maagn["gate"]] == [3] * len(maagn)
    plain = Plan.of(models, videos, batch=4)
    one_order = run(tmp_path / "one", plain, videos, PredictionRows(plain, models))
    for row, other in zip(
        rows["logits"], pq.read_table(one_order).to_pandas()["logits"], strict=True
    ):
        np.testing.assert_array_equal(row, other)


def test_both_orders_are_of_one_view(models, rendered):
    plan = Plan.of(models, rendered, kind="both-orders", views=ViewSpec(clips=2))
    with pytest.raises(ModelError, match="of one view"):
        PredictionRows(plan, models)
