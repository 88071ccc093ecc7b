"""Small pictures of many files: each its own, whatever its neighbours do."""

import io
import shutil

import numpy as np
from PIL import Image

from app.gallery.catalogue import FOLDER
from maagn.video import stills as module
from maagn.video.encode import write_mp4
from maagn.video.stills import stills

CLIPS = sorted(FOLDER.glob("*.mp4"))[:3]


def opened(content):
    return Image.open(io.BytesIO(content))


def test_a_picture_of_each_in_order():
    made = list(stills(CLIPS, side=64))
    assert [opened(one).size for one in made] == [(3 * 64, 64)] * 3
    again = next(iter(stills(CLIPS[2:], side=64)))
    assert np.array_equal(opened(again), opened(made[2]))


def test_what_has_no_picture_leaves_the_others_theirs(tmp_path):
    empty, text, cut = tmp_path / "empty.mp4", tmp_path / "list.mp4", tmp_path / "cut.mp4"
    empty.touch()
    text.write_text("#EXTM3U\nhttp://nowhere.invalid/a.ts\n")
    cut.write_bytes(CLIPS[0].read_bytes()[:300])
    paths = [empty, CLIPS[0], text, tmp_path / "missing.mp4", cut, CLIPS[1]]
    assert [still is not None for still in stills(paths)] == [
        False,
        True,
        False,
        False,
        False,
        True,
    ]


def test_first_middle_and_last_frame_stand_in_their_order(tmp_path):
    """In a file with one key frame, as most short clips are, and in it played backwards."""
    frames = np.repeat(np.arange(30, 250, 10, dtype=np.uint8), 64 * 64 * 3).reshape(-1, 64, 64, 3)
    for name, shown in (("there", frames), ("back", frames[::-1])):
        write_mp4(tmp_path / f"{name}.mp4", shown, seconds=np.arange(len(shown)) / 10)
    there, back = (
        [np.asarray(part).mean() for part in np.split(np.asarray(opened(one)), 3, axis=1)]
        for one in stills([tmp_path / "there.mp4", tmp_path / "back.mp4"], side=32)
    )
    np.testing.assert_allclose(there, [30, 140, 240], atol=12)
    np.testing.assert_allclose(back, [240, 140, 30], atol=12)


def test_a_folder_of_frames_shows_its_first_middle_and_last(tmp_path):
    for number, grey in enumerate((0, 128, 255), start=1):
        Image.new("RGB", (200, 100), (grey,) * 3).save(tmp_path / f"{number:05d}.jpg")
    (made,) = stills([tmp_path], side=50)
    image = opened(made)
    assert image.size == (150, 25)
    parts = np.split(np.asarray(image), 3, axis=1)
    np.testing.assert_allclose([part.mean() for part in parts], [0, 128, 255], atol=5)


def test_the_middle_is_one_of_the_frames_not_of_their_flow(tmp_path):
    for name, grey in (("flow_x", 255), ("img", 128), ("left", 0)):
        for number in range(1, 4):
            Image.new("RGB", (20, 10), (grey,) * 3).save(tmp_path / f"{name}_{number:05d}.png")
    means = [
        round(np.asarray(opened(content)).mean() / 64)
        for content in stills([tmp_path, tmp_path], templates=[None, "left_{:05d}.png"])
    ]
    assert means == [2, 0]


def test_a_file_that_hangs_costs_its_own_picture_alone(tmp_path, monkeypatch):
    """A worker that sleeps at a file of a certain name stands for a decoder that hangs."""
    real = module.ENTRANCE.read_text()
    folder = tmp_path / "video" / "decoder"
    shutil.copytree(
        module.ENTRANCE.parents[1], tmp_path / "video", ignore=lambda *_: ["__pycache__"]
    )
    for name in ("errors.py", "section.py"):
        shutil.copy(module.ENTRANCE.parents[2] / name, tmp_path / name)
    hanging = (folder / "stills.py").read_text()
    patched = hanging.replace(
        "    try:\n        images =",
        "    if path.name == 'hangs.mp4':\n        import time\n\n        time.sleep(60)\n"
        "    try:\n        images =",
    )
    assert patched != hanging
    (folder / "stills.py").write_text(patched)
    assert real == (folder / "__main__.py").read_text()
    monkeypatch.setattr(module, "ENTRANCE", folder / "__main__.py")
    monkeypatch.setattr(module, "_START_SECONDS", 3.0)
    hangs = tmp_path / "hangs.mp4"
    shutil.copy(CLIPS[0], hangs)
    made = list(stills([CLIPS[0], hangs, CLIPS[1]], patience=1.0))
    assert [one is not None for one in made] == [True, False, True]


def test_a_page_of_pictures_costs_one_process(monkeypatch):
    started = []
    real = module.subprocess.Popen
    monkeypatch.setattr(
        module.subprocess, "Popen", lambda *a, **k: started.append(a) or real(*a, **k)
    )
    paths = CLIPS * 8
    assert all(stills(paths))
    assert len(started) == 1
