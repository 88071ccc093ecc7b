"""Each published layout with random weights: brought here, it answers as its own code does."""

import json
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from typer.testing import CliRunner

from maagn.checkpoint import load_model
from maagn.cli import app
from maagn.config import PRESETS
from maagn.errors import CheckpointError
from maagn.nn.build import build
from maagn.published.convert import convert
from maagn.train.start import start_from
from tests.published.layouts import ALL, Layout, logits, random_state

KEYS = Path(__file__).parents[3] / "shared" / "checkpoints"
CLASSES = 5


def container(source, state):
    match source:
        case "mit-han-lab":
            return {"epoch": 50, "state_dict": {f"module.{k}": v for k, v in state.items()}}
        case "mmaction2":
            state["cls_head.new_cls.weight"] = torch.zeros(CLASSES, 2048, 1, 1, 1)
            return {"meta": {"epoch": 50}, "state_dict": state}
    return state


@pytest.fixture
def labels(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text("".join(f"Class {i}\n" for i in range(CLASSES)))
    return path


def bring(file, arch, labels, out, *more):
    command = ["import", str(file), "--as", f"{arch}-r50", "--labels", str(labels)]
    return CliRunner().invoke(app, [*command, "--out", str(out), *more])


@pytest.mark.parametrize(("source", "arch"), ALL)
def test_the_logits_are_the_published_networks(source, arch, labels, tmp_path):
    layout = Layout(source, arch=arch)
    state = random_state(layout, classes=CLASSES)
    file, out = tmp_path / "published.pth.tar", tmp_path / "mine.safetensors"
    clip = torch.rand(8, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1
    expected = logits(layout, state, clip)
    old = source != "mmaction2"  # files of 2018 to 2020 are in torch's older format
    torch.save(container(source, dict(state)), file, _use_new_zipfile_serialization=not old)
    ran = bring(file, arch, labels, out, "--published", "tsm-r50-8f-sthv2")
    assert ran.exit_code == 0, ran.output
    assert ("Not used: cls_head.new_cls.weight" in ran.output) == (source == "mmaction2")
    model = load_model(out)
    assert model.labels == tuple(f"Class {i}" for i in range(CLASSES))
    assert "62.72 % top-1" in model.provenance.published
    with torch.inference_mode():
        found = model.network(clip.transpose(0, 1)[None])[0].double()
    assert expected.std() > 0.01
    assert (found - expected).abs().max() < 1e-4 * max(1, expected.abs().max())
    if source == "decisionforce":  # the shifted shortcut matters: without it the answer is another
        layout.shifted_shortcut = False
        assert (logits(layout, state, clip) - expected).abs().max() > 1e-3


@pytest.mark.parametrize(
    ("source", "arch", "name"),
    [
        ("mit-han-lab", "tsm", "tsm_r50_mit"),
        ("mit-han-lab", "tsn", "tsn_r50_mit"),
        ("decisionforce", "tsm", "tsm_r50_decisionforce"),
        ("decisionforce", "tpn", "tpn_tsm_r50_decisionforce"),
        ("mmaction2", "tsm", "tsm_r50_mmaction2"),
        ("mmaction2", "tpn", "tpn_tsm_r50_mmaction2"),
    ],
)
def test_these_tests_layouts_are_the_published_ones(source, arch, name):
    file = KEYS / f"keys_{name}.json"
    if not file.is_file():
        pytest.skip(f"the list of published tensors, {file.name}, is not beside this repository")
    published = json.loads(file.read_text(encoding="utf-8"))["keys"]
    state = random_state(Layout(source, arch=arch), classes=174)
    assert {one["key"]: tuple(one["shape"]) for one in published} == {
        key: tuple(tensor.shape) for key, tensor in state.items()
    }


@pytest.fixture(scope="module")
def state():
    return random_state(Layout("mit-han-lab", arch="tsm"), classes=CLASSES)


def refused(tmp_path, content, kind="tsm-r50"):
    file = tmp_path / "file.pth"
    torch.save(content, file)
    with pytest.raises(CheckpointError) as caught:
        convert(file, kind)
    return str(caught.value)


def test_what_does_not_fit_is_named(state, tmp_path):
    short = {k: v for k, v in state.items() if "layer2.0.bn1" not in k}
    assert "it lacks: backbone.layer2.0.bn1.bias" in refused(tmp_path, short)
    more = {**state, "base_model.extra.weight": torch.zeros(1)}
    assert "fit nowhere: base_model.extra.weight" in refused(tmp_path, more)
    wide = {**state, "base_model.conv1.weight": torch.zeros(64, 1, 7, 7)}
    assert "other shapes: backbone.conv1.weight" in refused(tmp_path, wide)
    assert "is a TSM: say so" in refused(tmp_path, state, "tsn-r50")
    assert "is no TPN, it lacks" in refused(tmp_path, state, "tpn-r50")
    assert "no names of mit-han-lab" in refused(tmp_path, {"a": torch.zeros(1)})
    assert "no tensors by name" in refused(tmp_path, [torch.zeros(1)])
    assert "other things than tensors" in refused(tmp_path, {"a": 1})


def test_other_labels_are_refused_and_nothing_is_written(state, tmp_path):
    file, out = tmp_path / "file.pth", tmp_path / "out.safetensors"
    torch.save(state, file)
    ran = bring(file, "tsm", "something-something-v2", out)
    assert ran.exit_code == 2
    assert "5 classes apart, but there are 174 labels" in ran.output
    assert not out.exists()


class Bomb:
    def __reduce__(self):
        return (Path.touch, (Path("exploded"),))


def test_nothing_in_a_file_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for number, protocol in enumerate((2, 4)):
        file = tmp_path / f"bomb{number}.pth"
        file.write_bytes(pickle.dumps({"state_dict": Bomb()}, protocol=protocol))
        with pytest.raises(CheckpointError, match="never run"):
            convert(file, "tsm-r50")
    torch.save({"state_dict": {"a": torch.zeros(1)}, "args": Bomb()}, tmp_path / "zip.pth")
    with pytest.raises(CheckpointError, match="never run"):
        convert(tmp_path / "zip.pth", "tsm-r50")
    assert not (tmp_path / "exploded").exists()


def test_cut_empty_and_missing_files_are_named(state, tmp_path):
    file = tmp_path / "file.pth"
    torch.save(state, file)
    content = file.read_bytes()
    for size in (0, 10, len(content) // 2):
        file.write_bytes(content[:size])
        with pytest.raises(CheckpointError, match="cannot be read as tensors alone"):
            convert(file, "tsm-r50")
    with pytest.raises(CheckpointError, match="There is no file"):
        convert(tmp_path / "none.pth", "tsm-r50")


def test_safetensors_are_read_too(state, tmp_path):
    save_file(state, tmp_path / "file.safetensors")
    assert convert(tmp_path / "file.safetensors", "tsm-r50", frames=16).spec.frames == 16


def test_training_starts_from_torchvisions_resnet(tmp_path):
    names = {k.removeprefix("backbone."): v for k, v in _tensors().items()}
    classifier = {"fc.weight": torch.zeros(1000, 512), "fc.bias": torch.zeros(1000)}
    torch.save({**names, **classifier}, tmp_path / "resnet18.pth")
    network = build(PRESETS["maagn-demo"])
    wide = {k: v for k, v in network.state_dict().items() if k.startswith("backbone.")}
    assert wide.keys() == _tensors().keys()
    start_from(network, str(tmp_path / "resnet18.pth"))
    for name, tensor in _tensors().items():
        assert torch.equal(network.state_dict()[name], tensor)
    deeper = build(PRESETS["tsn-r50-8f"])
    with pytest.raises(CheckpointError, match="same depth"):
        start_from(deeper, str(tmp_path / "resnet18.pth"))


def _tensors():
    torch.manual_seed(3)
    state = build(PRESETS["tsn-demo"]).state_dict()
    return {k: v for k, v in state.items() if k.startswith("backbone.")}
