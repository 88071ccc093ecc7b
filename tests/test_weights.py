"""Weights from strangers: nothing in them is run, and none takes memory that it does not hold."""

import json
import pickle
import subprocess
import sys
import zipfile
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from typer.testing import CliRunner

from maagn.checkpoint import FORMAT, Provenance, load_card, load_model
from maagn.cli import app
from maagn.config import TransformSpec
from maagn.errors import CheckpointError, ModelError
from maagn.nn.build import PRESETS, build
from maagn.published.file import read_tensors
from maagn.train.start import begin
from tests.tiny import SPEC
from tests.train.made import SPEC as RUN
from tests.train.made import train_on_made_clips

ROOT = Path(__file__).parents[1]
MEGABYTES = 400  # more than a refusal may take, less than what the files ask for
SECONDS = 60


class Trap:
    """What `pickle` would run."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.fixture(params=["zip", "legacy", "plain pickle"])
def trapped(tmp_path, request):
    """A `.pth` that would make the file `sprung`, in each of the three formats."""
    path, content = tmp_path / "trapped.pth", {"state_dict": Trap(tmp_path / "sprung")}
    if request.param == "plain pickle":
        path.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=request.param == "zip")
    yield path
    assert not (tmp_path / "sprung").exists()


def test_the_trap_would_spring(tmp_path):
    pickle.loads(pickle.dumps(Trap(tmp_path / "sprung")))
    assert (tmp_path / "sprung").exists()


def test_import_runs_nothing(trapped, tmp_path):
    labels = tmp_path / "labels.txt"
    labels.write_text("a\n")
    for ending in (".pth", ".safetensors"):
        path = trapped.rename(trapped.with_suffix(ending))
        words = ["import", str(path), "--as", "tsm-r50", "--labels", str(labels)]
        ran = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "out.safetensors")])
        assert ran.exit_code == 2
        assert "cannot be read as tensors alone" in " ".join(ran.output.split())
        path.rename(trapped)
    assert not (tmp_path / "out.safetensors").exists()


def test_a_start_runs_nothing(trapped):
    network = build(SPEC)
    with pytest.raises(CheckpointError, match="never run"):
        begin(network, str(trapped))
    renamed = trapped.rename(trapped.with_suffix(".safetensors"))
    with pytest.raises(CheckpointError, match="not a readable safetensors file"):
        begin(network, str(renamed))


def test_going_on_with_a_run_runs_nothing(trapped, tmp_path, monkeypatch):
    out = tmp_path / "model.safetensors"
    state = trapped.rename(out.with_suffix(".state"))
    with pytest.raises(ModelError, match=r"model\.state .* remove it to start afresh"):
        train_on_made_clips(RUN, monkeypatch, out=out)
    assert state.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x02}q\x00."])
def test_a_damaged_state_is_named(content, tmp_path, monkeypatch):
    out = tmp_path / "model.safetensors"
    out.with_suffix(".state").write_bytes(content)
    with pytest.raises(ModelError, match="remove it to start afresh"):
        train_on_made_clips(RUN, monkeypatch, out=out)


@pytest.mark.parametrize("length", [1 << 27, 1 << 40, (1 << 63) - 1, (1 << 64) - 1])
def test_a_header_of_absurd_length_is_refused(length, tmp_path):
    path = tmp_path / "a.safetensors"
    path.write_bytes(length.to_bytes(8, "little") + b'{"a":' + b" " * 100)
    for read in (load_card, load_model):
        with pytest.raises(CheckpointError, match="not a readable safetensors file"):
            read(path)
    with pytest.raises(CheckpointError, match="cannot be read as tensors alone"):
        read_tensors(path)


def refused_within(statement: str) -> None:
    """Run it in a process of its own: a named error, in little memory and time."""
    script = f"""
import resource
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, (24 << 30, 24 << 30))
from maagn.checkpoint import load_card, load_model
from maagn.errors import MaagnError
from maagn.published.file import read_tensors
from maagn.reproduce.cost import cost
def most():  # kB; `ru_maxrss` would begin at the parent's
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
before = most()
try:
    {statement}
except MaagnError as error:
    print("refused:", error)
print("MB:", (most() - before) // 1024)
"""
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "refused:" in ran.stdout
    assert int(ran.stdout.rpartition("MB:")[2]) < MEGABYTES


def test_a_file_that_grows_when_it_is_unpacked_is_refused(tmp_path):
    """Torch never compresses; a file that is compressed could hold a thousand times its size."""
    plain, bomb = tmp_path / "plain.pth", tmp_path / "bomb.pth"
    torch.save({"a": torch.zeros(200_000_000, dtype=torch.uint8).repeat(4)}, plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        for entry in source.namelist():
            out.writestr(entry, source.read(entry))
    plain.unlink()
    assert bomb.stat().st_size < 5_000_000
    refused_within(f"read_tensors(Path({str(bomb)!r}))")


def test_tensors_that_share_one_number_are_refused(tmp_path):
    """A tensor of 10^10 numbers may be one number said to be repeated."""
    path = tmp_path / "a.pth"
    torch.save({"a": torch.zeros(1).expand(100_000, 100_000)}, path)
    assert path.stat().st_size < 10_000
    with pytest.raises(CheckpointError, match="larger than what the file holds"):
        read_tensors(path)


def test_the_older_format_takes_no_more_than_it_holds(tmp_path):
    path = tmp_path / "a.pth"
    torch.save({"a": torch.zeros(7_777)}, path, _use_new_zipfile_serialization=False)
    content = path.read_bytes()
    number = (7_777).to_bytes(2, "little")
    assert content.count(b"M" + number) >= 1
    path.write_bytes(content.replace(b"M" + number, b"J" + (2_000_000_000).to_bytes(4, "little")))
    refused_within(f"read_tensors(Path({str(path)!r}))")


@pytest.mark.parametrize(
    "changes",
    [{"width": 10**6}, {"neck_width": 10**6}, {"frames": 10**6}, {"min_hidden": 10**9}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_description_of_a_giant_takes_no_memory(changes, tmp_path):
    path = tmp_path / "giant.safetensors"
    spec = replace(PRESETS["maagn-demo"], classes=2, **changes)
    header = {
        "spec": spec.as_dict(),
        "labels": ["a", "b"],
        "transform": asdict(TransformSpec()),
        "provenance": asdict(Provenance("", "", 0, 0, 0, 0, "")),
    }
    metadata = {"format": FORMAT, "maagn": json.dumps(header)}
    save_file({"weight": torch.ones(2)}, path, metadata=metadata)
    refused_within(f"load_model({str(path)!r})")
