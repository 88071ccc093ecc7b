"""Names and paths are taken; a mistake gets one sentence that says what to give."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import maagn
from maagn.errors import ClipNotFound, MaagnError, NotAClip, NotAModel, UnknownModel, UnknownTarget
from tests.api.conftest import GALLERY, OPENING
from tests.tiny import square_frames, tiny_clip


def test_names_and_paths_are_taken(networks, model):
    by_values = maagn.predict(model, maagn.read_clip(OPENING))
    for given in ("tiny", str(networks / "tiny.safetensors"), networks / "tiny.safetensors"):
        for clip in (OPENING, str(OPENING)):
            named = maagn.predict(given, clip)
            assert np.array_equal(named.logits, by_values.logits)
    assert np.array_equal(maagn.trace("tiny", OPENING).prediction.logits, by_values.logits)
    report = maagn.explain("tiny", str(OPENING), target="Closing something")
    assert report.label == "Closing something"
    assert isinstance(report, maagn.Report)


def test_a_folder_of_pictures_is_a_clip(tmp_path):
    for number, frame in enumerate(square_frames(12), start=1):
        Image.fromarray(frame).save(tmp_path / f"img_{number:05d}.png")
    seen = maagn.predict("tiny", tmp_path)
    clip = maagn.from_frames(square_frames(12), fps=12)
    assert np.allclose(seen.logits, maagn.predict("tiny", clip).logits)


def _mistakes(model, folder) -> dict[str, tuple[type[MaagnError], object, object]]:
    clip = tiny_clip()
    return {
        "swapped values": (NotAModel, clip, model),
        "swapped names": (NotAModel, str(OPENING), "tiny"),
        "a name for a clip": (NotAClip, model, "tiny"),
        "a network for a clip": (NotAClip, model, model),
        "a file of weights for a clip": (NotAClip, model, Path("other.safetensors")),
        "a folder of videos and pictures": (NotAClip, model, GALLERY),
        "an empty folder": (NotAClip, model, folder),
        "an array": (NotAClip, model, square_frames()),
        "an array of a wrong shape": (NotAClip, model, np.zeros((8, 3, 4, 4), np.uint8)),
        "floats": (NotAClip, model, np.zeros((8, 4, 4, 3))),
        "nothing": (NotAClip, model, None),
        "no network": (NotAModel, None, clip),
        "a card": (NotAModel, model.card, clip),
        "no such file": (ClipNotFound, model, "none.mp4"),
        "no such name": (UnknownModel, "nobody", clip),
    }


@pytest.mark.parametrize("ask", [maagn.predict, maagn.trace, maagn.explain])
@pytest.mark.usefixtures("as_people_run_it")
def test_mistakes_are_told_in_a_sentence(model, tmp_path, ask):
    for what, (error, network, clip) in _mistakes(model, tmp_path).items():
        with pytest.raises(error) as told:
            ask(network, clip)
        sentence = str(told.value)
        assert sentence.endswith("."), what
        assert "\n" not in sentence, what


def test_an_unknown_class_is_refused_before_anything_is_read():
    with pytest.raises(UnknownTarget):
        maagn.explain("tiny", "none.mp4", target="Dancing")


def test_frames_in_memory_get_times():
    clip = maagn.from_frames(square_frames(10), fps=20, name="drawn")
    assert clip.seconds.tolist() == pytest.approx([i / 20 for i in range(10)])
    assert clip.name == "drawn"
    given = maagn.from_frames(square_frames(3), seconds=[0, 0.1, 0.4])
    assert given.source_seconds.tolist() == [0, 0.1, 0.4]


@pytest.mark.parametrize(
    ("frames", "times"),
    [
        (square_frames(4), {}),
        (square_frames(4), {"fps": 25, "seconds": [0, 1, 2, 3]}),
        (square_frames(4), {"fps": 0}),
        (square_frames(4), {"fps": float("nan")}),
        (square_frames(4), {"seconds": [0, 1, 1, 2]}),
        (square_frames(4), {"seconds": [0, 1]}),
        (square_frames(4)[:0], {"fps": 25}),
        (square_frames(4)[..., :1], {"fps": 25}),
        (square_frames(4).astype(np.float32), {"fps": 25}),
        ("frames", {"fps": 25}),
    ],
)
@pytest.mark.usefixtures("as_people_run_it")
def test_frames_without_shape_or_times_are_refused(frames, times):
    with pytest.raises(NotAClip):
        maagn.from_frames(frames, **times)


def test_every_public_name_is_there_and_documented():
    assert sorted(maagn.__all__) == maagn.__all__
    for name in maagn.__all__:
        assert getattr(maagn, name).__doc__, name


def test_models_are_a_table_with_what_is_known_of_them(networks, tmp_path, monkeypatch):
    shutil.copytree(networks, tmp_path / "n")
    (tmp_path / "n" / "broken.safetensors").write_bytes(b"no")
    monkeypatch.setattr("maagn.checkpoint.FOLDER", tmp_path / "n")
    table = maagn.models()
    assert list(table.index) == ["broken", "tiny"]
    assert "broken.safetensors" in table.problem["broken"]
    assert table.network["tiny"] == "MAAGN"
    assert table.classes["tiny"] == 6
    assert table[["top1", "within_pair"]].isna().all(axis=None)


def test_models_have_the_figures_of_the_readme(monkeypatch):
    monkeypatch.setattr("maagn.checkpoint.FOLDER", GALLERY.parents[1] / "checkpoints")
    table = maagn.models()
    assert round(100 * table.top1["maagn-demo"], 1) == 87.6
    assert round(100 * table.top1_high["maagn-demo"], 1) == 89.0
    assert table["masks"]["maagn-demo"] == "constant"
    assert table.taught_from["walking-tsm"] == "tsm-demo"
