"""Predictions of a person's own clips, by heads that were fitted without them, are shown too."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app import left_out, runs
from app.networks import results_folders
from app.views.errors import film
from app.views.recorded import NO_PAIRS, of_networks
from maagn import checkpoint
from maagn.evaluate import runner
from maagn.evaluate.results import Origin, Results, read_results, write_results
from maagn.teach.report import LEFT_OUT
from maagn.video.encode import write_mp4
from tests.app.own_networks import save_own
from tests.app.test_explore import page_text, settle
from tests.app.test_recorded import opened
from tests.evaluate.made import answered
from tests.tiny import BASELINES, SPEC, square_frames

LABELS = ("Walking in", "Walking *out*")
CLIPS = ("in/1.mp4", "in/2.mp4", "out/1_a_.mp4", "out/2.mp4")
TRUTH = [0, 0, 1, 1]
ANSWERS = {"walk-maagn": [0, 0, 1, 0], "walk-tsn": [0, 1, 1, 0]}
NAMES = tuple(ANSWERS)
TITLE = "2 classes: walk-maagn, walk-tsn"
ABOUT = "4 clips, each predicted by a head that was fitted without it."


def write(folder: Path, *, opposites: list[int], networks: dict[str, str]) -> Path:
    """Four small videos, and what those networks, by digest, predict of each."""
    for number, name in enumerate(CLIPS):
        frames = square_frames()[:: 1 - 2 * TRUTH[number]]
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_mp4(folder / name, frames, seconds=np.arange(len(frames)) / 10)
    predictions = tuple(
        answered(
            TRUTH, ANSWERS[name], model=name, split="left out", labels=LABELS, opposites=opposites
        )
        for name in networks
    )
    path = folder / LEFT_OUT
    write_results(path, Results(predictions, Origin(networks, clips=CLIPS)))
    return path


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path) -> Path:
    """A set in which two tiny networks of two opposite classes were asked about four clips."""
    networks = tmp_path / "networks"
    networks.mkdir()
    save_own(networks / "walk-maagn.safetensors", SPEC, LABELS)
    save_own(networks / "walk-tsn.safetensors", BASELINES["tsn"], LABELS)
    monkeypatch.setattr(checkpoint, "FOLDER", networks)
    monkeypatch.setattr(runner, "FOLDER", tmp_path / "evaluations")
    monkeypatch.setenv("MAAGN_DATABASE", f"sqlite:///{tmp_path / 'notes.db'}")
    write(tmp_path / "walking", opposites=[1, 0], networks=digests())
    look_in(monkeypatch, tmp_path / "walking")
    return tmp_path / "walking"


def look_in(monkeypatch, *folders: Path) -> None:
    for module in (runs, left_out):
        monkeypatch.setattr(module, "results_folders", lambda: folders)


def digests() -> dict[str, str]:
    return {name: checkpoint.load_card(name).digest for name in NAMES}


def test_no_folder_is_looked_in_as_yet():
    assert results_folders() == ()


def test_left_out_predictions_are_found_by_the_networks_digests(folder):
    found = of_networks(NAMES)
    assert (found.results.models, found.missing) == (NAMES, ())
    assert found.about == ABOUT
    choice = found.clip(1, 2)
    assert (choice.path, choice.root) == (folder / "out/1_a_.mp4", folder)
    assert (choice.name, choice.label) == ("out/1_a_.mp4", LABELS[1])
    write(folder, opposites=[1, 0], networks=digests() | {"walk-tsn": "of other weights"})
    assert of_networks(NAMES).missing == ("walk-tsn",)


def test_clips_of_the_same_numbers_in_two_folders_are_not_the_same(folder, monkeypatch):
    ours = digests()
    write(folder, opposites=[1, 0], networks={"walk-maagn": ours["walk-maagn"]})
    other = folder.parent / "other"
    write(other, opposites=[1, 0], networks={"walk-tsn": ours["walk-tsn"]})
    look_in(monkeypatch, folder, other)
    found = of_networks(NAMES)
    assert len(found.results.models) == len(found.missing) == 1
    assert of_networks(("walk-tsn",)).clip(0, 0).path == other / CLIPS[0]


def test_missing_and_damaged_files_are_left_out(folder, monkeypatch):
    look_in(monkeypatch, folder.parent / "nowhere", folder)
    assert of_networks(NAMES).missing == ()
    (folder / LEFT_OUT).write_bytes(b"no")
    assert of_networks(NAMES).missing == NAMES


def test_a_clip_is_opened_by_its_link():
    choice = of_networks(NAMES).clip(0, 1)
    assert left_out.linked(choice.link) == choice
    for text in (
        "left-out/walking/4",
        f"left-out/elsewhere/{CLIPS[1]}",
        "left-out/walking",
        "1",
        "",
    ):
        assert left_out.linked(text) is None
    app = opened("explore", clip=choice.link)
    assert "unknown; ignored" not in " ".join(one.value for one in app.warning)
    assert "True class: **Walking in**" in page_text(settle(app))


def test_a_link_stays_with_its_clip_when_the_collection_is_taught_again(folder):
    """Clips are numbered anew then: one that was taken out moves those behind it."""
    choice = of_networks(NAMES).clip(0, 1)
    path = folder / LEFT_OUT
    before = read_results(path)
    fewer = tuple(replace(one.only([1, 2, 3]), clip=np.arange(3)) for one in before.predictions)
    write_results(path, Results(fewer, replace(before.origin, clips=CLIPS[1:])))
    assert left_out.linked(choice.link).path == choice.path


def test_a_film_is_the_sampled_frames():
    moving = Image.open(io.BytesIO(film(of_networks(NAMES).clip(0, 0), NAMES)))
    assert (moving.format, moving.n_frames, moving.size) == ("WEBP", 8, (144, 144))


VIEWS = {
    "Pairs": "**1 of 4** clips of the pair were classified as the opposite",
    "Matrix": "confusion",
    "Slices": "4 of 4 clips have not been measured yet",
    "Neighbours": "placed by its 2 logits",
    "Wrong clips": "Wrong predictions, most confident first: 1 clip**",
    "Notes": "A note on",
}


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_errors(view):
    app = settle(opened("errors", view=view))
    assert not app.error
    text = page_text(app) + " ".join(one.value for one in app.info)
    assert "benchmark" not in text
    assert (ABOUT in text) == (view != "Notes")
    if view != "Matrix":
        assert VIEWS[view] in text
    if view in ("Pairs", "Wrong clips"):
        assert r"✗ wrong: **Walking \*out\***" in text
        captions = [caption for one in app.get("image") for caption in one.captions]
        assert captions == ["out/2.mp4"]


def test_a_cell_of_two_classes_shows_its_clips():
    app = settle(opened("errors", view="Matrix", cell="1-1"))
    assert r"Walking \*out\*, predicted Walking \*out\*: 1 clip**" in page_text(app)


def test_two_clips_are_pinned_side_by_side():
    found = of_networks(NAMES)
    app = opened("errors", pin=found.clip(0, 0).link, clip=found.clip(1, 3).link)
    app = settle(app)
    assert not app.error
    text = page_text(app)
    assert "**in/1.mp4**" in text
    assert "**out/2.mp4**" in text


def test_two_networks_are_compared():
    app = settle(opened("compare", class_="Walking in"))
    assert not app.error
    assert app.header[0].value == "Where does MAAGN beat TSN?"
    text = page_text(app)
    assert ABOUT in text
    assert "**MAAGN** is right on **75.0 %** of 4 left-out clips" in text
    assert "MAAGN alone is right on 1 clips, TSN alone on 0" in text
    assert "**in/2.mp4**" in text
    assert r"TSN gives 73 % to Walking \*out\*: ✗ wrong" in text
    assert "by chance." not in text  # of a single test nothing is expected
    assert "picked here" not in text
    app.button(key="open-0-1").click()
    assert "True class: **Walking in**" in page_text(settle(app))


def test_classes_without_opposites_have_no_pairs(folder):
    write(folder, opposites=[-1, -1], networks=digests())
    for page in ("errors", "compare"):
        app = settle(opened(page))
        assert not app.error
        assert NO_PAIRS in [one.value for one in app.info]


def test_the_lines_for_a_notebook_have_the_folder_to_be_filled_in(folder):
    for page in ("compare", "errors"):
        code = settle(opened(page)).code[-1].value
        assert str(folder) not in code
        exec(compile(code.replace("PATH/TO", str(folder.parent)), page, "exec"), {})


@pytest.mark.parametrize("page", ["attention", "gating"])
def test_pages_of_a_clip_do_without_the_parts(page):
    link = of_networks(NAMES).clip(0, 0).link
    app = settle(opened(page, clip=link))
    assert not app.error
    if page == "gating":
        assert "without the gates' responses" in " ".join(one.value for one in app.info)


def test_a_clip_whose_file_is_gone_is_named(folder):
    (folder / "out/2.mp4").unlink()
    app = settle(opened("errors", view="Wrong clips"))
    assert "out/2.mp4" in app.error[0].value.replace("\\", "")
    assert read_results(folder / LEFT_OUT).origin.clips == CLIPS
