"""An installed package brings a network: commands train it, and explain by what it became."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.gallery.catalogue import FIRST, clip_named
from maagn.nn.plugins import GROUP

ROOT = Path(__file__).parents[1]


@pytest.fixture
def installed(tmp_path):
    """A folder of packages, one of which brings `mine`; another is broken."""
    for name, value in (("brings_mine", "tests.own_kind:register"), ("broken", "broken.nothing")):
        described = tmp_path / "packages" / f"{name}-1.0.dist-info"
        described.mkdir(parents=True)
        (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (described / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {value}\n")
    return tmp_path / "packages"


def maagn(*words: str, packages: Path | None = None) -> subprocess.CompletedProcess[str]:
    where = [str(ROOT), *([str(packages)] if packages else [])]
    settings = os.environ | {"PYTHONPATH": os.pathsep.join(where), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "maagn", *words],
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_its_network_is_trained_and_explained(installed, tmp_path):
    out = tmp_path / "one.safetensors"
    small = ("--epochs", "1", "--clips", "8", "--validation-clips", "4", "--batch", "4")
    done = maagn("train", "mine-small", *small, "--crop", "32", "--short-side", "36", "36",
                 "--set", "bins=1", "--out", str(out), packages=installed)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "The plugin broken (broken.nothing) brings no network: No module named" in done.stderr

    clip = str(clip_named(FIRST).path)
    told = maagn("explain", clip, "--model", str(out), "--json", packages=installed)
    assert told.returncode == 0, told.stderr
    (model,) = json.loads(told.stdout)["models"]
    assert (model["model"]["arch"], model["paths"]) == ("mine", [])
    assert model["settings"]["spec"]["options"] == [["bins", 1]]

    missing = maagn("explain", clip, "--model", str(out), "--json")
    assert missing.returncode == 2
    assert "a network kind mine that is not registered here" in missing.stderr
