"""A run of pointing: its rows are the clips' own maps, and its scores their means."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from maagn.checkpoint import load_model
from maagn.cli import app
from maagn.data.rendered import open_opposites
from maagn.errors import ResultsError, UnknownMethod
from maagn.evaluate.plan import Plan
from maagn.evaluate.pointing import Truth, masks_seen, pointed
from maagn.evaluate.pointing_rows import Maps, PointingRows
from maagn.evaluate.pointing_scores import read_scores, score_run, write_scores
from maagn.evaluate.store import POINTING, POINTING_ROWS
from maagn.explain.cam import cam
from maagn.explain.combine import Source, put_together
from maagn.explain.faithfulness import faithfulness
from maagn.inference import trace
from maagn.opposites.clip import draw_clip
from maagn.opposites.dataset import middle_times

FUSED = "product:backbone.res3+backbone.res4"
TURN = 30  # the place of a clip in which the camera turns


@pytest.fixture(scope="module")
def models():
    return [load_model("maagn-demo"), load_model("tsn-demo")]


def maker(models, videos, **asked):
    maps = Maps.of(models, **asked)
    plan = Plan.of(models, videos, kind="pointing", maps=maps.as_dict())
    return PointingRows(plan, videos, models)


def test_rows_are_what_the_clips_own_maps_point_at(models):
    videos = open_opposites("test", per_class=1)
    layers = ["backbone.res4", "paths.1.output", FUSED]
    rows = maker(models, videos, methods=["hirescam"], layers=layers, smoothings=[3])
    video = videos.videos[6]
    clips = rows.prepare(video)
    found = rows.rows(range(6, 7), [video], [clips]).to_pandas()
    # Three baselines, and a map of every layer that the network has.
    assert found["model"].tolist() == ["maagn-demo"] * 6 + ["tsn-demo"] * 5
    assert found["other_both"].isna().all()  # alone in its batch
    assert found["reason"].isna().all()

    model = models[0]
    (clip,) = clips.values()
    run = trace(model, clip)
    best = run.prediction.best
    source = Source.parse(FUSED)
    cams = [cam(model, run, best, method="hirescam", layer=layer) for layer in source.layers]
    heat = put_together(cams, source, smoothing=3)
    masks = masks_seen(draw_clip(6, split="test", index=6), model, times=middle_times(8), size=124)
    expected = pointed(heat, run.clip, Truth.of(run.clip, masks))
    row = found[(found["model"] == "maagn-demo") & (found["layer"] == FUSED)].iloc[0]
    for part in ("both", "hand", "thing", "motion"):
        assert row[f"share_{part}"] == pytest.approx(expected[part].share)
        assert row[f"hit_{part}"] == expected[part].hit
    assert row["area_both"] == pytest.approx(masks.both.mean())
    assert row["area_motion"] == pytest.approx(0.2, abs=1e-4)
    assert (row["answer"], row["smoothing"], row["blank"]) == (best, 3, False)
    uniform = found[found["method"] == "uniform"].iloc[0]
    assert uniform["share_hand"] == pytest.approx(uniform["area_hand"])


def test_the_other_clip_is_the_next_of_the_batch_that_has_hand_and_thing(models):
    videos = open_opposites("test", per_class=1)
    rows = maker(models[1:], videos, methods=["gradcam"], layers=["backbone.res4"])
    places = range(27, 33)  # the last with a hand, two approaches and three turns
    chosen = videos.videos[places.start : places.stop]
    found = rows.rows(places, chosen, [rows.prepare(video) for video in chosen]).to_pandas()
    uniform = found[found["method"] == "uniform"].set_index("place")
    assert uniform.loc[28, "other_both"] == pytest.approx(uniform.loc[29, "area_both"])
    assert uniform.loc[29, "other_both"] == pytest.approx(uniform.loc[27, "area_both"])
    assert np.isnan(uniform.loc[27, "other_both"])  # none of the others has a hand
    assert uniform.loc[32, "other_motion"] == pytest.approx(0.2, abs=1e-4)


def test_a_turning_camera_has_motion_alone(models):
    videos = open_opposites("test", per_class=1)
    rows = maker(models[1:], videos, methods=["gradcam"], layers=["backbone.res4"])
    found = rows.rows(
        range(TURN, TURN + 1), videos.videos[TURN : TURN + 1], [rows.prepare(videos.videos[TURN])]
    ).to_pandas()
    assert found["share_both"].isna().all()
    assert found["area_motion"].notna().all()


def test_places_are_deleted_as_on_the_evidence_page(models):
    videos = open_opposites("test", per_class=1)
    rows = maker(
        models[1:], videos, methods=["gradcam"], layers=["backbone.res4"], smoothings=[1],
        deletion=True,
    )  # fmt: skip
    clips = rows.prepare(videos.videos[0])
    row = rows.rows(range(1), videos.videos[:1], [clips]).to_pandas().iloc[-1]
    (clip,) = clips.values()
    run = trace(models[1], clip)
    known = faithfulness(
        models[1], clip, run, target=run.prediction.best, method="gradcam", layer="backbone.res4"
    )
    assert row["deletion"] == pytest.approx(known.curves.deletion_areas[0], rel=1e-3)
    random = known.curves.deletion_areas[2:6]  # of the same seed, the first four are the same
    assert row["deletion_random"] == pytest.approx(random.mean(), rel=1e-3)


def test_scores_are_means_over_the_clips_that_have_the_part(models, tmp_path):
    videos = replace(
        open_opposites("test", per_class=1), videos=open_opposites("test", per_class=1).videos[:4]
    )
    maps = Maps.of(models[1:], methods=["gradcam"], layers=["backbone.res4"], smoothings=[1])
    Plan.of(models[1:], videos, kind="pointing", maps=maps.as_dict()).agree(tmp_path)
    about = {"model": "tsn-demo", "method": "gradcam", "layer": "backbone.res4", "smoothing": 1}
    rows = [
        {
            "share_both": 0.6,
            "area_both": 0.1,
            "hit_both": 1.0,
            "other_both": 0.3,
            "deletion": 0.2,
            "blank": False,
        },
        {
            "share_both": 0.0,
            "area_both": 0.3,
            "hit_both": 0.0,
            "other_both": 0.1,
            "deletion": 0.4,
            "blank": True,
        },
        {"blank": False, "deletion": 0.1},  # neither hand nor thing
    ]
    rows = [
        about | {"place": i, "label": i, "share_motion": 0.5, "area_motion": 0.2, "hit_motion": 1.0,
                 "deletion_random": 0.3, "insertion": 0.5, "insertion_random": 0.4} | row
        for i, row in enumerate(rows)
    ]  # fmt: skip
    rows.append({"model": "tsn-demo", "place": 3, "label": 3, "reason": "cannot be read"})
    pq.write_table(pa.Table.from_pylist(rows, schema=POINTING_ROWS), tmp_path / POINTING)
    scores = score_run(tmp_path, command="maagn pointing")
    (network,) = scores.networks
    assert (network.clips, network.without, network.unreadable) == (4, 1, 1)
    (one,) = network.maps
    both = one.parts["both"]
    assert (both.clips, one.blank) == (2, 1)
    assert both.share.value == pytest.approx(0.3)
    assert both.area == pytest.approx(0.2)
    assert both.lift.value == pytest.approx(1.5)
    # Of two clips a resample is the first twice, one of each, or the second twice.
    assert (both.share.low, both.share.high) == pytest.approx((0.0, 0.6))
    assert (both.lift.low, both.lift.high) == pytest.approx((0.0, 6.0))
    assert both.hit == 0.5
    assert both.other == pytest.approx(0.2)
    assert both.over_other.value == pytest.approx(1.5)
    assert (both.over_other.low, both.over_other.high) == pytest.approx((0.0, 2.0))
    assert one.parts["motion"].other is None
    assert one.parts["motion"].clips == 3
    assert (one.deletion.hits, one.deletion.trials) == (2, 3)
    assert (one.insertion.hits, one.insertion.trials) == (3, 3)
    assert set(network.classes["gradcam@backbone.res4@1"]) == set(videos.labels[:2])

    write_scores(tmp_path / "one.json", scores)
    again = read_scores(tmp_path / "one.json")
    assert again.networks[0].maps[0].parts["both"].lift.value == 1.5
    write_scores(tmp_path / "two.json", again)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()


def test_two_networks_are_compared_on_the_clips_that_both_have(models, tmp_path):
    videos = open_opposites("test", per_class=1)
    maps = Maps.of(models, methods=["gradcam"], layers=["backbone.res4"], smoothings=[1])
    Plan.of(models, videos, kind="pointing", maps=maps.as_dict()).agree(tmp_path)
    about = {"method": "gradcam", "layer": "backbone.res4", "smoothing": 1, "blank": False}
    shares = {"maagn-demo": [0.5, 0.3, 0.9, None], "tsn-demo": [0.1, 0.2, None, 0.4]}
    rows = [
        about | {"model": model, "place": i, "label": i, "share_both": one, "area_both": 0.2,
                 "hit_both": 0.0}
        for model, own in shares.items() for i, one in enumerate(own) if one is not None
    ]  # fmt: skip
    rows.append(rows[0] | {"method": "centre"})  # knows nothing of a network
    pq.write_table(pa.Table.from_pylist(rows, schema=POINTING_ROWS), tmp_path / POINTING)
    (one,) = score_run(tmp_path, command="maagn pointing").comparisons
    assert (one.first, one.second) == ("maagn-demo", "tsn-demo")
    assert (one.method, one.clips) == ("gradcam", 2)
    assert one.difference.value == pytest.approx((0.4 + 0.1) / 2)
    assert (one.difference.low, one.difference.high) == pytest.approx((0.1, 0.4))


@pytest.mark.parametrize("content", ["{}", "[]", '{"format": "maagn-pointing-0"}', "no JSON"])
def test_a_file_that_holds_no_scores_is_refused(content, tmp_path):
    (tmp_path / "pointing.json").write_text(content)
    with pytest.raises(ResultsError, match="make it again"):
        read_scores(tmp_path / "pointing.json")
    with pytest.raises(ResultsError, match="There is no"):
        read_scores(tmp_path / "other.json")


def test_what_no_network_has_is_refused(models):
    with pytest.raises(UnknownMethod, match="no CAM method"):
        Maps.of(models, methods=["banana"])
    with pytest.raises(UnknownMethod, match=r"None of the networks has paths\.0\.output"):
        Maps.of(models[1:], layers=["paths.0.output"])
    with pytest.raises(UnknownMethod, match="odd"):
        Maps.of(models, smoothings=[2])


def test_the_command_measures_own_videos_by_motion_and_resumes(odd_set, models, tmp_path):
    table = tmp_path / "list.csv"
    rows = [f"{v.path.name},{odd_set.labels[v.label]}" for v in odd_set.videos[:3]]
    table.write_text("path,label\n" + "\n".join(rows) + "\n")
    out = tmp_path / "run"
    words = ["pointing", "tsn-demo", "--data", str(table), "--out", str(out),
             "--method", "gradcam", "--layer", "backbone.res3", "--smooth", "1"]  # fmt: skip
    ended = CliRunner().invoke(app, [*words, "--root", str(odd_set.folder)])
    assert ended.exit_code == 0, ended.output
    first = (out / "pointing.json").read_bytes()
    (network,) = read_scores(out / "pointing.json").networks
    assert network.part == "motion"
    assert network.digest == models[1].digest
    assert network.ranked()[0].parts["motion"].area == pytest.approx(0.2)
    again = CliRunner().invoke(app, [*words, "--root", str(odd_set.folder)])
    assert again.exit_code == 0
    assert (out / "pointing.json").read_bytes() == first
    other = CliRunner().invoke(app, [*words[:-1], "3", "--root", str(odd_set.folder)])
    assert other.exit_code == 2
    assert "another run, of other maps" in other.output
