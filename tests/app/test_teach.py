"""Visitors collect clips of their own actions, teach networks with them, and look at the result."""

import io
import json
import re
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import session
from app.errors import Cancelled
from app.jobs import Job
from app.server import collection_store, login
from app.server.collection import Collection
from app.views import teach
from app.views.teach_result import sentence
from app.work import QUEUE
from maagn import checkpoint
from maagn.evaluate import runner
from maagn.evaluate.results import read_results
from maagn.teach.report import LEFT_OUT, TAUGHT, read_teaching
from maagn.video.encode import write_mp4
from tests.app.own_networks import save_own
from tests.app.test_explore import page_text, settle
from tests.app.test_login import ADA, AUTH
from tests.tiny import BASELINES, SPEC, square_frames

ROOT = Path(__file__).parents[2]
LABELS = ("Going right", "Going *left*")
BASES = ("Opening something", "Closing something", "Squeezing something")
STORE = collection_store.ALL
ANNA, BEN = "a" * 32, "b" * 32
VIDEO = "video/mp4"


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path) -> Path:
    """No collections, and two tiny networks to teach."""
    networks = tmp_path / "networks"
    networks.mkdir()
    save_own(networks / "tiny-maagn.safetensors", SPEC, BASES)
    save_own(networks / "tiny-tsn.safetensors", BASELINES["tsn"], BASES)
    monkeypatch.setattr(checkpoint, "FOLDER", networks)
    monkeypatch.setattr(runner, "FOLDER", tmp_path / "evaluations")
    monkeypatch.setattr(STORE, "root", tmp_path / "taught")
    monkeypatch.setattr(login, "_seen", set())
    monkeypatch.setenv("MAAGN_DATABASE", f"sqlite:///{tmp_path / 'notes.db'}")
    return tmp_path


def opened(owner: str = ANNA, page: str = "teach") -> AppTest:
    """The page, for the browser of that number."""
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    app.session_state[session._BROWSER] = owner
    return settle(app.switch_page(str(ROOT / "pages" / f"{page}.py")))


@pytest.fixture
def app() -> AppTest:
    return opened()


def button(app: AppTest, label: str, at: int = 0):
    return [one for one in app.button if one.label == label][at]


def press(app: AppTest, label: str, at: int = 0) -> AppTest:
    button(app, label, at).click()
    return settle(app)


def field(app: AppTest, label: str, at: int = 0):
    return [one for one in app.main.text_input if one.label == label][at]


def begin(app: AppTest, name: str, *actions: str) -> AppTest:
    field(app, "Name of the collection").input(name)
    for label, action in zip(("One action", "Its opposite"), actions, strict=False):
        field(app, label).input(action)
    return press(app, "Begin")


def film(folder: Path, number: int, *, backwards: bool = False) -> tuple[str, bytes, str]:
    """A square that goes to the right, or to the left; each number has a background of its own."""
    frames = square_frames()[:: -1 if backwards else 1].copy()
    frames[:, 32:] = 20 * number + 10
    path = folder / f"{'left' if backwards else 'right'}-{number}.mp4"
    write_mp4(path, frames, seconds=np.arange(len(frames)) / 10)
    return path.name, path.read_bytes(), VIDEO


def drop(app: AppTest, number: int, *files: tuple[str, bytes, str]) -> AppTest:
    """Give files to the class of that number."""
    uploads = [one for one in app.file_uploader if one.label.startswith("Clips of ")]
    uploads[number].set_value(files)
    return settle(app)


def warned(app: AppTest) -> str:
    return " ".join(one.value for one in app.main.warning)


def only(owner: str = ANNA) -> Collection:
    (collection,) = STORE.all(owner)
    return collection


def classes(owner: str = ANNA) -> dict[str, int]:
    return {each.name: len(each.clips) for each in only(owner).classes}


@pytest.fixture
def filled(app, folder) -> AppTest:
    """Three clips of each of two classes."""
    begin(app, "squares", *LABELS)
    drop(app, 0, *(film(folder, number) for number in range(3)))
    return drop(app, 1, *(film(folder, number, backwards=True) for number in range(3)))


@pytest.fixture
def taught(filled) -> AppTest:
    return press(filled, "Teach")


def test_without_a_collection_the_page_says_how_to_begin(app):
    assert app.header[0].value.endswith("?")
    assert "Collect a few short clips of two actions" in page_text(app)
    assert {one.label for one in app.main.button} == {"Begin", "Walking in and walking out"}
    assert STORE.all(ANNA) == []


def test_a_collection_begins_with_a_name_and_two_actions(app):
    begin(app, " my   doors ", "Opening  the door", "Closing the door")
    assert not app.warning
    assert app.selectbox(key="collection").value == "my doors"
    made = only()
    assert made.name == "my doors"
    assert classes() == {"Opening the door": 0, "Closing the door": 0}
    assert made.opposites == (("Opening the door", "Closing the door"),)
    assert "Opening the door has 0 clips" in page_text(app)
    assert not [one for one in app.button if one.label == "Teach"]
    # The fields for the next one, under New, begin empty.
    for label in ("Name of the collection", "One action", "Its opposite"):
        assert not field(app, label).value


@pytest.mark.parametrize(
    ("name", "actions", "why"),
    [
        ("  ", ("a", "b"), "Give the collection a name"),
        ("../evil", ("a", "b"), "cannot be the name of files"),
        ("-doors", ("a", "b"), "cannot be the name of files"),
        ("doors", ("Open", "open"), "There is a class open already"),
        ("doors", ("in/out", "b"), "A class needs a name"),
        ("doors", (".hidden", "b"), "A class needs a name"),
    ],
)
def test_a_name_that_is_refused_says_why_and_makes_nothing(app, name, actions, why):
    begin(app, name, *actions)
    assert why in warned(app)
    assert STORE.all(ANNA) == []
    assert field(app, "One action").value == actions[0]  # to be mended, not written anew


def test_a_second_collection_of_the_same_name_has_another(app):
    begin(app, "doors", "a", "b")
    begin(app, "doors", "c", "d")
    assert {each.name for each in STORE.all(ANNA)} == {"doors", "doors 2"}
    assert app.selectbox(key="collection").value == "doors 2"
    assert [one.value for one in app.main.text_input if one.label == "Class"] == ["c", "d"]
    # What is chosen stays chosen, also when another one is the latest that was changed.
    app.selectbox(key="collection").select("doors")
    settle(app)
    field(app, "Class").input("e")
    settle(app)
    assert app.selectbox(key="collection").value == "doors"
    assert [one.value for one in app.main.text_input if one.label == "Class"] == ["e", "b"]


def test_a_collection_is_renamed_and_not_to_a_name_that_is_taken(app):
    begin(app, "doors", "a", "b")
    begin(app, "boxes", "c", "d")
    field(app, "New name").input("doors")
    press(app, "Rename it")
    assert "a collection doors already" in warned(app)
    field(app, "New name").input("lids")
    press(app, "Rename it")
    assert not app.warning
    assert {each.name for each in STORE.all(ANNA)} == {"doors", "lids"}
    assert app.selectbox(key="collection").value == "lids"


def test_a_collection_that_is_removed_is_gone_without_a_complaint(app):
    begin(app, "doors", "a", "b")
    begin(app, "boxes", "c", "d")
    press(app, "Remove it")
    assert not app.main.warning
    assert only().name == "doors"
    press(app, "Remove it")
    assert not app.main.warning
    assert not list(STORE.root.glob("*/*"))
    assert "Collect a few short clips" in page_text(app)


def test_the_opposite_is_proposed_by_the_names_and_can_be_taken_off(app):
    begin(app, "boxes")
    for name in ("Opening a box", "Waving", "Closing a box"):
        field(app, "One more class").input(name)
        press(app, "Add the class")
    assert only().opposites == (("Closing a box", "Opening a box"),)
    opposites = [one for one in app.selectbox if one.label == "Played backwards it shows"]
    assert [one.value for one in opposites] == [
        "Closing a box",
        "none of these classes",
        "Opening a box",
    ]
    opposites[0].select("none of these classes")
    settle(app)
    assert only().opposites == ()


def test_a_class_is_renamed_and_removed(filled):
    app = filled
    field(app, "Class", 0).input("Going  up")
    settle(app)
    assert classes() == {"Going up": 3, LABELS[1]: 3}
    assert only().opposites == (("Going up", LABELS[1]),)
    field(app, "Class", 0).input(LABELS[1].upper())
    settle(app)
    assert "There is a class" in warned(app)
    assert field(app, "Class", 0).value == "Going up"
    press(app, "Remove the class")
    assert not app.warning
    assert classes() == {LABELS[1]: 3}
    assert only().opposites == ()
    key = only().key
    assert len(list(STORE.clips_folder(ANNA, key).glob("*.mp4"))) == 3
    assert "Two classes are needed" in page_text(app)


def test_good_clips_of_a_drop_are_kept_and_each_bad_one_is_told_of(app, folder):
    begin(app, "squares", *LABELS)
    short = folder / "short.mp4"
    write_mp4(short, square_frames(3), seconds=np.arange(3) / 10)
    drop(
        app,
        0,
        film(folder, 0),
        ("broken.mp4", b"no video", VIDEO),
        film(folder, 1),
        (short.name, short.read_bytes(), VIDEO),
    )
    assert [clip.name for clip in only().classes[0].clips] == ["right-0.mp4", "right-1.mp4"]
    assert "broken.mp4" in warned(app)
    assert "short.mp4" in warned(app)
    names = {path.suffix for path in STORE.clips_folder(ANNA, only().key).iterdir()}
    assert names == {".mp4", ".jpg"}
    assert len(list(STORE.clips_folder(ANNA, only().key).iterdir())) == 4
    settle(app)
    assert not app.main.warning  # once


def test_a_clip_has_one_class(filled, folder):
    drop(filled, 1, film(folder, 0))
    assert "right-0.mp4 is in Going right already" in warned(filled)
    assert classes() == dict.fromkeys(LABELS, 3)
    drop(filled, 0, film(folder, 0))
    assert not filled.main.warning
    assert classes() == dict.fromkeys(LABELS, 3)


def test_a_clip_is_taken_out(filled):
    outs = [one for one in filled.button if one.key and one.key.startswith("clip-out-")]
    outs[0].click()
    settle(filled)
    assert classes() == {LABELS[0]: 2, LABELS[1]: 3}


@pytest.mark.parametrize(
    ("clips", "words"),
    [((1, 1), "Going right has 1 clip that can be read"), ((2, 0), "left\\* has 0 clips")],
)
def test_too_few_clips_are_told_in_place_of_the_button(app, folder, clips, words):
    begin(app, "squares", *LABELS)
    for number, count in enumerate(clips):
        made = [film(folder, each, backwards=bool(number)) for each in range(count)]
        if made:
            drop(app, number, *made)
    assert words in " ".join(one.value for one in app.main.info)
    assert not [one for one in app.button if one.label == "Teach"]


def test_what_a_teaching_found_is_shown(taught):
    found = read_teaching(STORE.folder(ANNA, only().key))
    assert [network.kind for network in found.networks] == ["MAAGN", "TSN"]
    assert sentence(found) in page_text(taught)
    table, leaks = (one.value for one in taught.dataframe)
    assert table["network"].tolist() == ["MAAGN", "TSN"]
    for network, right in zip(found.networks, table["right"], strict=True):
        assert right == f"{network.right.hits} of 6"
    assert len(leaks) == 3
    assert f"{LABELS[0]} has 3 clips" in warned(taught)
    assert button(taught, "Teach again").disabled


def test_a_clip_that_comes_later_makes_the_result_an_earlier_one(taught, folder):
    assert "has changed since" not in page_text(taught)
    drop(taught, 0, film(folder, 7))
    assert "has changed since" in page_text(taught)
    assert "(n = 6)" in page_text(taught)
    press(taught, "Teach again")
    assert "has changed since" not in page_text(taught)
    assert read_teaching(STORE.folder(ANNA, only().key)).clips == (4, 3)


def test_a_class_that_is_renamed_makes_the_result_an_earlier_one(taught):
    field(taught, "Class", 0).input("Going on")
    settle(taught)
    assert "has changed since" in page_text(taught)
    assert "Open in Explore" in {one.label for one in taught.button}


def test_after_another_name_only_the_new_networks_are_there(taught):
    field(taught, "New name").input("blocks")
    press(taught, "Rename it")
    press(taught, "Teach again")
    folder = STORE.folder(ANNA, only().key)
    assert {path.stem for path in folder.glob("*.safetensors")} == {"blocks-maagn", "blocks-tsn"}


def test_other_networks_can_be_taught_the_same_clips(taught, folder):
    save_own(folder / "networks" / "other-maagn.safetensors", SPEC, ("a", "b"))
    settle(taught)
    taught.selectbox(key="networks").select("2 classes: other-maagn")
    settle(taught)
    assert not button(taught, "Teach again").disabled
    press(taught, "Teach again")
    found = read_teaching(STORE.folder(ANNA, only().key))
    assert [network.base for network in found.networks] == ["other-maagn"]
    assert button(taught, "Teach again").disabled


def renamed(files, *names: str):
    return [(name, *rest) for name, (_, *rest) in zip(names, files, strict=True)]


def test_names_that_begin_as_people_do_make_groups_and_those_of_classes_do_not(app, folder):
    begin(app, "squares", *LABELS)
    rights = [film(folder, number) for number in range(2)]
    lefts = [film(folder, number, backwards=True) for number in range(2)]
    drop(app, 0, *rights)
    drop(app, 1, *lefts)
    assert not app.main.toggle  # right-0, right-1, left-0, left-1: a group would be a class
    press(app, "Remove it")
    begin(app, "squares", *LABELS)
    drop(app, 0, *renamed(rights, "anna-1.mp4", "ben-1.mp4"))
    drop(app, 1, *renamed(lefts, "anna-2.mp4", "ben-2.mp4"))
    assert app.main.toggle[0].value
    press(app, "Teach")
    assert "Each group is predicted" in page_text(app)
    assert button(app, "Teach again").disabled
    app.main.toggle[0].set_value(False)
    settle(app)
    assert "has changed since" in page_text(app)
    press(app, "Teach again")
    assert "Each clip is predicted" in page_text(app)
    assert "has changed since" not in page_text(opened())  # a reload


def test_open_in_explore_chooses_the_taught_classes(taught):
    press(taught, "Open in Explore")
    assert taught.header[0].value != "Teach"
    assert taught.selectbox(key="networks").value == "Taught: squares"
    text = page_text(taught)
    assert f"True class: **{LABELS[0]}**" in text
    assert "Taught weights" in taught.info[0].value
    assert "fitted on this very clip" in text


def test_a_clip_on_which_no_head_was_fitted_is_not_said_to_be_one(taught, folder):
    drop(taught, 0, film(folder, 9))
    opens = [one for one in taught.button if one.key and one.key.startswith("clip-open-")]
    opens[3].click()
    settle(taught)
    assert taught.selectbox(key="networks").value == "Taught: squares"
    text = page_text(taught)
    assert f"True class: **{LABELS[0]}**" in text
    assert "fitted on this very clip" not in text


@pytest.mark.parametrize("page", ["errors", "compare"])
def test_errors_and_compare_speak_of_the_left_out_predictions(taught, page):
    press(taught, "Open in Explore")
    taught.switch_page(str(ROOT / "pages" / f"{page}.py"))
    settle(taught)
    assert not taught.error
    assert "6 clips, each predicted by a head that was fitted without it." in page_text(taught)


@pytest.mark.usefixtures("filled")
def test_a_collection_that_is_removed_while_it_is_taught_leaves_nothing_behind():
    collection = only()
    begun = []

    class RemovedInTheMiddle(Job):
        def step(self, part: float, doing: str) -> None:
            super().step(part, doing)
            begun.append(doing)
            if part > 0.5:
                STORE.remove(ANNA, collection.key)

    names = ("tiny-maagn", "tiny-tsn")
    examples = teach._examples(ANNA, collection, None)
    with pytest.raises(Cancelled):
        teach._teach(RemovedInTheMiddle(), ANNA, examples, collection, names)
    assert "Writing" not in begun
    assert not list(STORE.root.glob("*/*"))


def test_a_teaching_that_was_stopped_and_has_not_ended_begins_anew(filled, monkeypatch):
    begun, ended = threading.Event(), threading.Event()
    key = ("teach", ANNA, only(), False, ("tiny-maagn", "tiny-tsn"))
    stopped = QUEUE.ask(key, lambda _job: (begun.set(), ended.wait(60)))
    assert begun.wait(60)
    stopped.cancel()
    forget = QUEUE.forget
    monkeypatch.setattr(QUEUE, "forget", lambda key: (forget(key), ended.set()))
    try:
        press(filled, "Teach")
    finally:
        ended.set()
    assert "Cancelled." not in [one.value for one in filled.info]
    assert "left-out clips correctly" in page_text(filled)


def test_the_walking_example_is_there_at_a_press(app):
    press(app, "Walking in and walking out")
    assert classes() == {"Walking in": 6, "Walking out": 6}
    assert only().opposites == (("Walking in", "Walking out"),)
    assert button(app, "Teach")
    assert len(list(STORE.clips_folder(ANNA, only().key).glob("*.jpg"))) == 12


def test_an_export_comes_back_with_its_classes_opposites_and_names(filled):
    content = STORE.exported(ANNA, only())
    back = next(one for one in filled.file_uploader if one.label.startswith("A ZIP file"))
    back.set_value(("squares.zip", content, "application/zip"))
    settle(filled)
    assert not filled.main.warning
    latest, first = STORE.all(ANNA)
    assert latest.name == "squares 2"
    assert filled.selectbox(key="collection").value == "squares 2"
    assert (latest.classes, latest.opposites) == (first.classes, first.opposites)
    assert button(filled, "Teach")


def test_a_zip_with_a_bad_clip_brings_the_good_ones_and_names_the_bad(app, folder):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(2):
            archive.writestr(f"right/{number}.mp4", film(folder, number)[1])
            archive.writestr(f"left/{number}.mp4", film(folder, number, backwards=True)[1])
        archive.writestr("left/bad.mp4", b"no video")
    app.file_uploader[0].set_value(("my clips (1).zip", file.getvalue(), "application/zip"))
    settle(app)
    assert "bad.mp4" in warned(app)
    assert classes() == {"right": 2, "left": 2}
    assert only().name == "my clips 1"
    assert button(app, "Teach")


@pytest.mark.usefixtures("taught")
def test_two_owners_never_see_each_others_collections():
    other = opened(BEN)
    assert "Collect a few short clips" in page_text(other)
    begin(other, "boxes", "a", "b")
    assert [each.name for each in STORE.all(ANNA)] == ["squares"]
    collection = only()
    clip = collection.classes[0].clips[0]
    other.query_params["collection"] = "squares"
    settle(other)
    assert other.selectbox(key="collection").options == ["boxes"]
    explore = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    explore.session_state[session._BROWSER] = BEN
    explore.query_params["clip"] = f"mine/{collection.key}/{clip.file}"
    settle(explore)
    assert "unknown; ignored" in warned(explore)
    assert not [one for one in explore.selectbox if one.label == "Class set"
                and "Taught: squares" in one.options]  # fmt: skip
    explore.query_params["clip"] = f"left-out/{collection.key}/clips/{clip.file}"
    settle(explore)
    assert "unknown; ignored" in warned(explore)


def logged_in(subject: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    app.secrets["auth"] = AUTH
    app.user = ADA | {"sub": subject}
    return settle(app.switch_page(str(ROOT / "pages" / "teach.py")))


def test_with_a_login_collections_are_the_persons_and_not_the_browsers():
    ada = logged_in("ada")
    begin(ada, "doors", "a", "b")
    bob = logged_in("bob")
    bob.session_state[session._BROWSER] = ada.session_state[session._BROWSER] = ANNA
    assert "Collect a few short clips" in page_text(settle(bob))
    assert settle(ada).selectbox(key="collection").value == "doors"
    assert STORE.all(ANNA) == []
    again = logged_in("ada")
    assert again.selectbox(key="collection").value == "doors"


HOSTILE = ("**b** _i_ $x^2$ :red[r]", "<img src=x onerror=alert(1)> :delete: www.a.example")


def test_names_are_shown_letter_by_letter(app, folder):
    begin(app, "squares", *HOSTILE)
    for number in range(2):
        name = f"**n** :material-delete: {number}.mp4"
        drop(
            app,
            number,
            *((f"{each}{name}", film(folder, each, backwards=bool(number))[1], VIDEO)
              for each in range(2)),
        )  # fmt: skip
    press(app, "Teach")
    field(app, "Class", 1).input(HOSTILE[1] + " ]")
    settle(app)
    shown = [one.value for one in [*app.markdown, *app.caption, *app.info, *app.warning]]
    shown += [one.label for one in [*app.file_uploader, *app.button, *app.text_input]]
    for text in shown:
        for mark in ("**b**", "$x^2$", " :red[", " <img", " :delete:", "**n**", " :material-d"):
            assert mark not in f" {text}", text


def test_a_teaching_that_is_damaged_is_told_of_and_can_be_done_again(taught):
    path = STORE.folder(ANNA, only().key) / TAUGHT
    path.write_text(json.dumps({"format": "other"}))
    settle(taught)
    assert taught.error
    press(taught, "Teach")
    assert not taught.error
    assert read_results(path.with_name(LEFT_OUT)).models == ("squares-maagn", "squares-tsn")
    assert re.search(r"left-out clips correctly", page_text(taught))
