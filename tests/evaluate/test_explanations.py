"""A whole set explained: what is in the table is what one clip's explanation gives."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from maagn.checkpoint import load_model
from maagn.data.mapping import relabelled
from maagn.data.read import read_video
from maagn.errors import ModelError
from maagn.evaluate.explanations import ExplanationRows
from maagn.evaluate.plan import Plan
from maagn.evaluate.runner import run
from maagn.explain.attention import gates, masks
from maagn.explain.cam import cam
from maagn.inference import trace
from maagn.video.views import ViewSpec


@pytest.fixture(scope="module")
def models():
    return [load_model("maagn-demo"), load_model("tsn-demo")]


@pytest.fixture(scope="module")
def videos(odd_set, models):
    return relabelled(odd_set, models[0].labels)


def test_rows_are_the_clips_own_explanations(models, videos, tmp_path):
    plan = Plan.of(models, videos, kind="explanations", batch=4)
    out = run(tmp_path / "run", plan, videos, ExplanationRows(plan, models))
    assert out.name == "explanations.parquet"
    rows = pq.read_table(out).to_pandas()
    assert len(rows) == 2 * len(videos)
    row = rows[(rows["model"] == "maagn-demo") & rows["reason"].isna()].iloc[-1]
    model = models[0]
    forward_trace = trace(
        model, read_video(videos.videos[row["place"]], samplings=[model.sampling])
    )
    by_name = {mask.name: mask.per_frame for mask in masks(model, forward_trace)}
    for column, part in (("sdm", "sdm.mask"), ("mtam_both", "mtam.mask_both")):
        expected = np.concatenate([by_name[f"paths.{i}.{part}"] for i in range(3)])
        assert np.array_equal(row[column], expected)
    assert row["path_frames"].tolist() == [8, 4, 2]
    assert np.allclose(
        row["gate"], np.concatenate([g.response for g in gates(model, forward_trace)])
    )
    assert np.allclose(np.reshape(row["shares"], (-1, 3)).sum(axis=1), 1)
    assert np.allclose(np.reshape(row["votes"], (3, -1)), forward_trace.prediction.path_logits)
    assert row["answer"] == forward_trace.prediction.logits.argmax()
    heat = cam(model, forward_trace, int(row["answer"])).values
    shown = np.reshape(row["cam"], row["cam_shape"]) / 255 * row["cam_scale"]
    assert np.abs(shown - heat.clip(0)).max() <= row["cam_scale"] / 255 / 2 + 1e-7
    plain = rows[(rows["model"] == "tsn-demo") & rows["reason"].isna()].iloc[0]
    assert plain["sdm"] is None
    assert plain["gate"] is None
    assert rows[rows["reason"].notna()]["id"].nunique() == 4
    again = run(tmp_path / "other", plan, videos, ExplanationRows(plan, models))
    assert again.read_bytes() == out.read_bytes()


def test_more_views_than_one_are_refused(models, videos):
    plan = Plan.of(models, videos, kind="explanations", views=ViewSpec("ten-crop"))
    with pytest.raises(ModelError, match="one view"):
        ExplanationRows(plan, models)
