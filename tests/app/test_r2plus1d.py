"""A network without masks and gates, of more frames than the others, stands beside them."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.gallery.catalogue import FIRST, clip_named
from app.jobs import Job
from app.networks import groups
from app.predictions import answer
from app.selection import Question
from app.views.stage import network_name, player_view
from maagn import checkpoint
from maagn.config import ModelSpec
from maagn.figures.palette import colour
from tests.app.own_networks import TEN, opened, save_own, text_of
from tests.tiny import BASELINES

ROOT = Path(__file__).parents[2]
SPEC = ModelSpec("r2plus1d", classes=10, frames=16, depth=18, width=8, dropout=0.0)


@pytest.fixture
def networks(monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    save_own(tmp_path / "mine.safetensors", SPEC, TEN)
    return tmp_path


@pytest.mark.usefixtures("networks")
def test_alone_it_is_named_coloured_and_said_to_have_no_masks():
    text = text_of(opened())
    assert ">R(2+1)D</b>" in text
    assert colour("R(2+1)D") in text
    assert "no masks and gates to draw over time: R(2+1)D has none" in text


@pytest.mark.usefixtures("networks")
@pytest.mark.parametrize("page", ["attention", "gating"])
def test_the_pages_of_masks_and_gates_say_that_it_has_none(page):
    assert "mine has no SDM, MTAM and AGM" in text_of(opened(page))


@pytest.mark.usefixtures("networks")
@pytest.mark.parametrize("page", ["evidence", "whatif", "settings", "errors", "compare", "learn"])
def test_no_other_page_stumbles_over_it(page):
    app = opened(page)
    text = text_of(app)
    assert not app.error, app.error
    if page in ("whatif", "settings"):
        assert ">R(2+1)D</b>" in text


def test_an_edit_is_asked_of_networks_that_see_as_many_frames(networks):
    save_own(networks / "other.safetensors", replace(BASELINES["tsn"], frames=8), TEN)
    app = opened("whatif")
    text = text_of(app)
    assert not app.error, app.error
    assert ">TSN</b>" in text
    assert ">R(2+1)D</b>" not in text
    assert "mine sees 16 frames, the edit is of 8: it is not asked" in text


def test_its_maps_lie_over_the_frames_of_others_by_their_times(networks):
    save_own(networks / "other.safetensors", replace(BASELINES["tsn"], frames=8), TEN)
    (names,) = groups().values()
    assert names == ("other", "mine")
    asked = Question(clip_named(FIRST).choice(), names, None, "gradcam", "backbone.res4")
    found = answer(asked, Job())
    view = player_view(found)
    assert [overlay.colour for overlay in view.overlays] == ["TSN", "R(2+1)D"]
    assert network_name(found.reports[1]) == "R(2+1)D"
    theirs, mine = (overlay.map_seconds for overlay in view.overlays)
    assert (len(theirs), len(mine)) == (8, 4)
    assert mine[0] < theirs[1]
    assert mine[-1] < theirs[-1]
    assert not view.charts
