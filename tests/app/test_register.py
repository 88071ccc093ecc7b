"""A folder is checked, its classes named and paired, and it is registered: what is there now."""

import shutil
from pathlib import Path

import pytest

from app import data_roots
from app.views.register import pairs_of
from maagn.data import registry
from maagn.data.registry import find, registered
from maagn.errors import PairsError
from tests.app.test_explore import page_text, settle
from tests.app.test_runs import opened, videos  # noqa: F401 - a fixture


@pytest.fixture(autouse=True)
def doors(monkeypatch, tmp_path, videos) -> Path:  # noqa: F811
    """A folder of two classes, below one that may be chosen from."""
    folder = tmp_path / "sets" / "doors"
    for number, label in enumerate(("Opening a door", "Closing a door")):
        (folder / label).mkdir(parents=True)
        shutil.copy(videos.videos[number].path, folder / label / "one.mp4")
    monkeypatch.setenv(data_roots.VARIABLE, str(tmp_path / "sets"))
    monkeypatch.setattr(registry, "FOLDER", tmp_path / "registered")
    return folder


def chosen():
    app = opened("data", view="Register")
    app.selectbox(key="register-source").select("sets/doors")
    return settle(app)


def press(app):
    app.button(key="register").click()
    return settle(app)


def test_a_folder_is_checked_and_registered_with_its_opposites():
    app = chosen()
    assert "**2 videos of 2 classes**, class-folders, val." in page_text(app)
    assert app.success[0].value == "Nothing wrong was found without decoding the videos."
    press(app)
    kept = find("doors-val")
    assert (kept.clips, kept.labels) == (2, ("Closing a door", "Opening a door"))
    (pair,) = kept.pairs.opposites
    assert {pair.label, pair.opposite} == set(kept.labels)
    assert "2 of 2 clips" in page_text(opened("data", set="doors-val"))


def test_what_was_added_since_it_was_looked_at_is_registered_too(doors):
    chosen()
    shutil.copy(doors / "Opening a door" / "one.mp4", doors / "Opening a door" / "two.mp4")
    app = chosen()
    assert "**3 videos of 2 classes**" in page_text(app)
    press(app)
    assert find("doors-val").clips == 3


def test_what_is_wrong_is_told_before(doors):
    (doors / "Opening a door" / "empty.mp4").touch()
    app = chosen()
    assert "1 " in app.warning[0].value
    assert "these will have no prediction" in app.warning[0].value


def test_noise_is_found_once_videos_are_decoded(doors):
    (doors / "Opening a door" / "noise.mp4").write_bytes(bytes(range(256)) * 20)
    app = chosen()
    assert not app.warning
    app.toggle(key="register-read").set_value(True)
    app = settle(app)
    assert "1 unreadable" in app.warning[0].value


def test_no_folder_is_offered_that_nobody_named(monkeypatch, doors):
    monkeypatch.delenv(data_roots.VARIABLE)
    app = opened("data", view="Register")
    assert "No folder is offered here yet" in app.info[-1].value
    assert registered() == ()
    monkeypatch.setenv(data_roots.VARIABLE, str(doors.parent))
    (doors.parent / "elsewhere").symlink_to("/etc")
    (doors.parent / ".hidden").mkdir()
    assert set(data_roots.sources()) == {
        "sets", "sets/doors", "sets/doors/Closing a door", "sets/doors/Opening a door",
    }  # fmt: skip


def test_pairs_that_contradict_each_other_are_refused():
    assert pairs_of([("a", "b"), ("b", None), ("c", "")]).opposites[0].opposite == "b"
    with pytest.raises(PairsError, match="its own opposite"):
        pairs_of([("a", "a")])
    with pytest.raises(PairsError, match="'b' has two opposites"):
        pairs_of([("a", "b"), ("c", "b")])
