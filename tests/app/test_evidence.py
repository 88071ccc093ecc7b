from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.gallery.catalogue import FIRST, clip_named
from app.gallery.truth import masks_of
from app.jobs import Job
from app.predictions import answer
from app.selection import Question
from app.views import evidence, faithful
from app.views.evidence import VIEWS
from maagn import checkpoint
from maagn.evaluate.pointing import per_pixel
from maagn.evaluate.pointing_scores import read_scores
from maagn.figures.layout import percent
from tests.app.own_networks import TEN, save_own
from tests.tiny import BASELINES, SPEC, save_tiny

ROOT = Path(__file__).parents[2]
SAYS = {
    "Map": "each network's on its own scale",
    "A minus B": "the maps of A and B have a cosine similarity of",
    "Is it faithful?": "random on this clip",
    "Motion": "pixels per second",
    "Figure 7": "on one scale",
}


def opened(**link: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    for key, value in link.items():
        app.query_params[key] = value
    app.switch_page(str(ROOT / "pages" / "evidence.py")).run()
    assert not app.exception
    assert not app.error
    return app


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_by_its_link(view):
    app = opened(view=view)
    assert any(SAYS[view] in one.value for one in app.markdown)
    assert not app.warning


def test_a_view_that_there_is_not_is_told():
    assert "Banana" in opened(view="Banana").warning[0].value


def test_a_map_is_set_against_hand_and_thing_of_the_clip_and_no_other():
    networks = ("maagn-demo", "tsm-demo")
    asked = Question(clip_named(FIRST).choice(), networks, None, "gradcam", "backbone.res4")
    found = answer(asked, Job())
    lines = evidence.pointed_at(found, Job())
    assert len(lines) == len(found.reports)
    report = found.reports[0]
    masks = masks_of(asked.clip, report.model, found.clip).both
    heat = per_pixel(report.cam, report.inputs)
    share = float(heat[masks].sum() / heat.sum())
    assert f"**{percent(share)}** of the map lies on hand and thing" in lines[0]
    assert f"cover **{percent(float(masks.mean()))}** of the picture" in lines[0]
    known = read_scores().of("maagn-demo")
    assert known.digest == report.model.digest
    lift = known.find("gradcam", "backbone.res4").parts["both"].lift
    assert f"{lift.value:.2f} times" in lines[0]
    other = replace(report, model=replace(report.model, digest="0" * 64))  # of other weights
    (line, _) = evidence.pointed_at(replace(found, reports=(other, found.reports[1])), Job())
    assert "times" not in line
    own = replace(asked, clip=replace(asked.clip, link=None))  # a visitor's file: nobody knows
    assert evidence.pointed_at(replace(found, question=own), Job()) == ()


def test_a_quick_test_says_so_and_the_full_one_takes_its_place():
    quick = opened(view="Is it faithful?")
    told = "Quick (12 forwards) or full (40 forwards)"
    assert any(told in one.value for one in quick.caption)
    verdicts = [one.value for one in quick.markdown if "random on this clip" in one.value]
    assert len(verdicts) == 4
    assert all("(quick: 4 steps, 3 random orders; " in one for one in verdicts)
    full = opened(view="Is it faithful?", test="full")
    verdicts = [one.value for one in full.markdown if "random on this clip" in one.value]
    assert len(verdicts) == 4
    assert not any("quick" in one for one in verdicts)


def test_every_forward_is_told_and_the_part_done_grows_with_each():
    networks = ("maagn-demo", "tsm-demo")
    asked = Question(clip_named(FIRST).choice(), networks, None, "gradcam", "backbone.res4")
    found = answer(asked, Job())
    steps = []

    class Told(Job):
        def step(self, part: float, doing: str) -> None:
            steps.append((part, doing))

    coarse = faithful.run_tests(found, "cells", Told())
    first = [doing for _, doing in steps]
    assert first[0] == "Forward 1 of 10, maagn-demo"
    assert first[-1] == "Forward 10 of 10, tsm-demo"
    assert faithful.counted(found) == 10
    full = faithful.run_tests(found, "cells", Told(), coarse=coarse)
    total = 10 + faithful.counted(found, refined=True)
    assert steps[len(first)][1] == f"Forward 11 of {total}, maagn-demo"
    assert steps[-1][1] == f"Forward {total} of {total}, tsm-demo"
    parts = [part for part, _ in steps[len(first) :]]
    assert parts == sorted(parts)
    assert parts[-1] < 1
    assert all(not one.coarse for one in full)


def test_figure_7_without_its_networks_says_which_it_needs(monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    spec = replace(SPEC, arch="tpn", levels=(4, 5), rates=(1, 1))
    save_tiny(tmp_path / "only-tpn.safetensors", spec=spec)
    own = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60)
    own.run()
    own.switch_page(str(ROOT / "pages" / "evidence.py"))
    own.query_params["view"] = "Figure 7"
    own.run()
    assert not own.exception
    assert not own.error, own.error
    assert any("choose networks with one of them" in info.value for info in own.info)


def test_the_motion_is_that_of_the_frames_of_the_networks_that_are_chosen(monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    save_own(tmp_path / "few.safetensors", BASELINES["tsn"], TEN)
    save_own(tmp_path / "many.safetensors", replace(BASELINES["tsn"], frames=16), TEN[:6])
    for networks, pairs in (("10 classes: few", 7), ("6 classes: many", 15)):
        app = opened(view="Motion", networks=networks)
        assert len(app.get("image")) == 2 * pairs  # a frame and its flow
