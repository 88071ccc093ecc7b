"""Small sets of videos, the odd ones among them."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.gallery.catalogue import FOLDER
from maagn.checkpoint import load_model
from maagn.data.videos import Video, VideoSet
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.video.encode import write_mp4
from tests.tiny import BASELINES, SPEC, save_tiny

GALLERY = sorted(FOLDER.glob("*.mp4"))


def video_set(folder: Path, paths, labels, numbers) -> VideoSet:
    rows = tuple(
        Video(path.stem, path, number) for path, number in zip(paths, numbers, strict=True)
    )
    return VideoSet(folder.name, "class-folders", folder, "val", labels, rows)


@pytest.fixture(scope="session")
def odd_set(tmp_path_factory):
    """Six good videos of three classes; one missing, one empty, one cut short, one of 3 frames."""
    folder = tmp_path_factory.mktemp("odd")
    labels = ("Closing something", "Opening something", "Folding something")
    paths, numbers = [], []
    for number, label in enumerate(labels):
        found = [one for one in GALLERY if f"-{label.lower().replace(' ', '-')}-" in one.name]
        for path in found[:2]:
            paths.append(folder / path.name)
            numbers.append(number)
            shutil.copy(path, folder)
    for name in ("missing.mp4", "empty.mp4", "cut.mp4", "three.mp4"):
        paths.insert(3, folder / name)
        numbers.insert(3, 0)
    (folder / "empty.mp4").touch()
    (folder / "cut.mp4").write_bytes(GALLERY[0].read_bytes()[:2000])
    frames = np.zeros((3, 64, 64, 3), np.uint8)
    write_mp4(folder / "three.mp4", frames, seconds=np.arange(3) / 10)
    return video_set(folder, paths, labels, numbers)


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A tiny MAAGN and a tiny TSN that know the benchmark's classes."""
    folder = tmp_path_factory.mktemp("models")
    return [
        load_model(
            save_tiny(
                folder / f"{name}.safetensors",
                spec=replace(spec, classes=len(OPPOSITES_LABELS)),
                labels=OPPOSITES_LABELS,
            )
        )
        for name, spec in (("maagn", SPEC), ("tsn", BASELINES["tsn"]))
    ]
