"""A network that somebody registered stands in the app as those that come with it."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.networks import groups
from maagn import checkpoint
from maagn.figures.palette import colour
from maagn.nn.build import ARCHITECTURES
from tests import own_kind
from tests.app.own_networks import TEN, opened, save_own, text_of
from tests.tiny import BASELINES

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("own_table", "networks")


@pytest.fixture
def networks(monkeypatch, tmp_path):
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    own_kind.register()
    save_own(tmp_path / "own.safetensors", own_kind.SPEC, TEN)
    return tmp_path


def test_it_is_named_and_wears_its_colour():
    text = text_of(opened())
    assert ">My network</b>" in text
    assert colour("My network") in text
    assert "no masks and gates to draw over time: My network has none" in text


@pytest.mark.parametrize("page", ["attention", "gating"])
def test_the_pages_of_masks_and_gates_say_that_it_has_none(page):
    assert "own has no SDM, MTAM and AGM" in text_of(opened(page))


@pytest.mark.parametrize("page", ["evidence", "whatif", "settings", "errors", "compare", "teach"])
def test_no_other_page_stumbles_over_it(page):
    app = opened(page)
    text = text_of(app)
    assert not app.error, app.error
    if page in ("whatif", "settings"):
        assert ">My network</b>" in text


def test_it_stands_behind_the_shipped_ones(networks):
    save_own(networks / "tsn.safetensors", replace(BASELINES["tsn"], frames=8), TEN)
    assert list(groups().values()) == [("tsn", "own")]


def test_a_network_whose_kind_is_gone_is_left_out(networks):
    save_own(networks / "tsn.safetensors", replace(BASELINES["tsn"], frames=8), TEN)
    del ARCHITECTURES["mine"]
    assert list(groups().values()) == [("tsn",)]
    assert ">TSN</b>" in text_of(opened())
