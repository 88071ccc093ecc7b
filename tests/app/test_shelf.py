"""The sidebar's two shelves, drawn and filmed clips, and the networks that know what is on each."""

import shutil
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app import controls
from app.gallery.catalogue import FILMED, clip_named, filmed, gallery
from app.gallery.truth import scene_of
from app.networks import DEMONSTRATION, TAUGHT
from maagn import checkpoint
from tests.app.test_explore import page_text, settle

ROOT = Path(__file__).parents[2]
WALKING = f"{TAUGHT}: {FILMED}"
FIRST_FILMED = filmed()[0]


class Picker:
    """In the place of the thumbnails: remembers what it shows, and is clicked by a button."""

    def __init__(self):
        self.shown, self.clicked = (), None

    def __call__(self, clips, *, on_pick, **_options):
        self.shown = tuple(clips)
        st.button("a click", key="click", on_click=lambda: on_pick(self.clicked))


@pytest.fixture
def picker(monkeypatch) -> Picker:
    made = Picker()
    monkeypatch.setattr(controls, "show_picker", made)
    return made


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=90)


def asked(app: AppTest, key: str) -> str:
    """What the address says."""
    value = app.query_params[key]
    return value[0] if isinstance(value, list) else value


def test_filmed_clips_stand_in_pairs_of_opposites():
    clips = filmed()
    assert len(clips) == 12
    for one, other in zip(clips[::2], clips[1::2], strict=True):
        assert (one.opposite, other.opposite) == (other.label, one.label)
    for clip in clips:
        assert clip.path.parent.name == clip.label
        assert clip_named(clip.name) == clip
        assert clip.thumbnail.startswith("data:image/jpeg;base64,")
    assert not {clip.name for clip in clips} & {clip.name for clip in gallery()}


def test_each_shelf_shows_its_own_clips(app, picker):
    settle(app)
    assert picker.shown == gallery()
    app.segmented_control(key="shelf").set_value(controls.FILMED)
    settle(app)
    assert picker.shown == filmed()
    assert "Intel, CC BY 4.0, cut and made smaller" in page_text(app)


def test_a_clip_brings_networks_that_know_its_class_and_leaves_those_that_do(app, picker):
    settle(app)
    networks = app.selectbox(key="networks")
    assert networks.value == DEMONSTRATION
    for clip, title in (
        (FIRST_FILMED, WALKING),
        (filmed()[1], WALKING),
        (gallery()[0], DEMONSTRATION),
    ):
        picker.clicked = clip.name
        app.button(key="click").click()
        settle(app)
        assert app.selectbox(key="networks").value == title
        assert asked(app, "clip") == clip.name
        text = page_text(app)
        assert f"True class: **{clip.label}**" in text
        assert "does not know this class" not in text


def test_a_link_with_a_filmed_clip_opens_it(app):
    app.query_params["clip"] = FIRST_FILMED.name
    app.query_params["networks"] = WALKING
    settle(app)
    assert not app.warning
    text = page_text(app)
    assert f"True class: **{FIRST_FILMED.label}**" in text
    assert "does not know this class" not in text
    assert "were fitted on this very clip" in text


@pytest.fixture
def another(monkeypatch, tmp_path):
    """A folder of networks in which no collection came along, until `folder` is filled."""
    for path in checkpoint.FOLDER.glob("*-demo.safetensors"):
        (tmp_path / path.name).symlink_to(path)
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    filmed.cache_clear()
    yield tmp_path
    filmed.cache_clear()


@pytest.mark.usefixtures("another")
def test_without_the_collection_there_is_one_shelf(app, picker):
    app.query_params["clip"] = FIRST_FILMED.name
    settle(app)
    assert picker.shown == gallery()
    assert "shelf" not in [one.key for one in app.get("segmented_control")]
    assert "of this link is unknown" in app.warning[0].value


@pytest.mark.parametrize("clips", [("a.mp4",), ("walk-07.mp4",), ()])
def test_a_collection_of_the_same_name_is_not_the_shelf(another, clips):
    for label in ("Going up", "Going down"):
        folder = another / FILMED / "clips" / label
        folder.mkdir(parents=True)
        for name in clips:
            shutil.copy(FIRST_FILMED.path, folder / name)
    assert filmed() == ()


def test_no_scene_was_drawn_for_a_filmed_clip():
    assert scene_of(FIRST_FILMED.choice()) is None
