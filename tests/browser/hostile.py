"""Names that would be markup: of files, classes, networks and sets, all of which are people's."""

import shutil
from dataclasses import replace
from pathlib import Path

from app.gallery.catalogue import FOLDER
from maagn.checkpoint import FOLDER as NETWORKS
from maagn.data.open import open_videos
from maagn.data.registry import register
from tests.tiny import BASELINES, SPEC, save_tiny

LABELS = (
    "Closing something",  # the tour's clip shows it
    "<script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    "$x^2$ **b** _i_ `c` ~~s~~ :red[r] :tada: <b>d</b>",
    ":material/delete: --> www.elsewhere.example me@elsewhere.example "
    "[a](javascript:window.hit=1) <a href='https://elsewhere.example'>e</a> | $$y$$",
)  # five, so that every network's answers name them all
NETWORK = "<img src=x onerror=window.hit=1> **n** :material-delete: $m$"
UPLOAD = "<img src=x onerror=window.hit=1> **u** $z$ [a](javascript:window.hit=1) www.a.example.mp4"
VIDEO = "<img src=x onerror=window.hit=1> _v_ $v$.mp4"
CLASS = "<img src=x onerror=window.hit=1> **k** $k$"
SET = "hostile"
CLIP = FOLDER / "06-opening-something-2.mp4"


def write_networks(folder: Path) -> None:
    """The demonstration networks, and two that know the classes above."""
    folder.mkdir()
    for path in NETWORKS.glob("*-demo.safetensors"):
        (folder / path.name).symlink_to(path)
    for name, spec in ((NETWORK, SPEC), ("other", BASELINES["tsn"])):
        of_these = replace(spec, classes=len(LABELS))
        save_tiny(folder / f"{name}.safetensors", spec=of_these, labels=LABELS)


def write_set(root: Path, folder: Path) -> None:
    """Register a set of class folders in `root`; its videos lie in `folder`."""
    for name in (CLASS, LABELS[4].replace("/", "-")):
        (folder / name).mkdir(parents=True)
        shutil.copy(CLIP, folder / name / VIDEO)
    register(open_videos(folder), name=SET, root=root)
