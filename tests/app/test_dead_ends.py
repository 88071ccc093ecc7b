"""Where a page has nothing to show, a button does what its words say."""

import pytest
from streamlit.testing.v1 import AppTest

from app.networks import DEMONSTRATION
from maagn import checkpoint
from maagn.checkpoint import FOLDER as NETWORKS
from tests.app.own_networks import TEN, opened, save_own, text_of
from tests.tiny import BASELINES

OWN = "10 classes: my-tsm"


@pytest.fixture
def networks(monkeypatch, tmp_path):
    """The demonstration networks, and a TSM of somebody's own without any MAAGN beside it."""
    for path in NETWORKS.glob("*-demo.safetensors"):
        (tmp_path / path.name).symlink_to(path)
    save_own(tmp_path / "my-tsm.safetensors", BASELINES["tsm"], TEN)
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)


def way(app: AppTest, words: str):
    return next(one for one in app.button if words in one.label.replace("\\", ""))


@pytest.mark.usefixtures("networks")
@pytest.mark.parametrize("page", ["attention", "gating"])
def test_networks_without_masks_offer_those_with(page):
    app = opened(page)
    app.selectbox(key="networks").select(OWN).run()
    assert "my-tsm has no SDM, MTAM and AGM" in text_of(app)
    way(app, f"Choose {DEMONSTRATION}").click().run()
    assert app.selectbox(key="networks").value == DEMONSTRATION
    assert "has no SDM" not in text_of(app)


@pytest.mark.usefixtures("networks")
def test_modules_of_networks_without_any_are_offered_elsewhere():
    app = opened("whatif")
    app.selectbox(key="networks").select(OWN).run()
    app.segmented_control(key="edit").select("Modules").run()
    assert "None of these networks has SDM" in text_of(app)
    way(app, f"Choose {DEMONSTRATION}").click().run()
    assert "None of these networks has SDM" not in text_of(app)


def test_a_class_is_shown_by_a_button_and_a_list_that_is_empty_leads_to_one_that_is_not():
    app = opened("compare")
    way(app, "Show ").click().run()
    assert app.selectbox(key="class_").value is not None
    app.selectbox(key="class_").select("Turning the camera upwards while filming something").run()
    assert "There are no such clips" in text_of(app)  # that MAAGN alone has right
    ways = [one for one in app.button if one.key and one.key.startswith("way-list")]
    assert ways
    assert not any(one.label.endswith("(0)") for one in ways)
    ways[0].click().run()
    assert "There are no such clips" not in text_of(app)


def test_the_same_network_twice_offers_the_others():
    app = opened("compare")
    app.selectbox(key="b").select("MAAGN").run()
    assert "These are the same network" in text_of(app)
    way(app, "Compare with TSN").click().run()
    assert app.selectbox(key="b").value == "TSN"
    assert "These are the same network" not in text_of(app)


def test_the_matrix_offers_its_greatest_confusion():
    app = opened("errors")
    app.segmented_control(key="view").select("Matrix").run()
    one = next(one for one in app.button if one.key and one.key.startswith("way-square"))
    true, _, rest = one.label.partition(", predicted ")
    answered, _, clips = rest.rpartition(" (")
    one.click().run()
    words = f"{true}, predicted {answered}: {clips.rstrip(')')} clips"
    assert words in text_of(app)


def test_a_search_without_a_match_is_cleared():
    app = opened()
    app.text_input(key="q").set_value("no such clip").run()
    assert "No clip matches" in text_of(app)
    next(one for one in app.button if one.key == "clear-search").click().run()
    assert app.text_input(key="q").value == ""
    assert "No clip matches" not in text_of(app)
