"""Transformers, whose features are tokens on a grid, on the pages: cards, maps, and no masks."""

import pytest
from streamlit.testing.v1 import AppTest

from maagn import checkpoint
from maagn.nn.build import architecture_of
from tests.app.own_networks import TEN, opened, save_own, text_of
from tests.tiny import spec

ARCHS = ("s3d", "mvit", "swin3d", "videomae", "vjepa2")


@pytest.fixture(params=ARCHS)
def title(request, monkeypatch, tmp_path) -> str:
    """Of the only network that there is; it knows ten classes."""
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    of = spec(request.param, classes=len(TEN))
    save_own(tmp_path / "mine.safetensors", of, TEN)
    return architecture_of(of).title


def test_explore_names_it_and_says_that_there_are_no_masks(title):
    text = text_of(opened())
    assert f">{title}</b>" in text
    assert f"no masks and gates to draw over time: {title} has none" in text


@pytest.mark.usefixtures("title")
@pytest.mark.parametrize("page", ["attention", "gating"])
def test_the_pages_of_masks_and_gates_say_that_it_has_none(page):
    assert "mine has no SDM, MTAM and AGM" in text_of(opened(page))


@pytest.mark.parametrize("page", ["evidence", "settings"])
def test_maps_and_its_card_are_drawn(title, page):
    app: AppTest = opened(page)
    text = text_of(app)
    assert not app.error, app.error
    if page == "settings":
        assert f">{title}</b>" in text
