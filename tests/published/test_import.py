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
from maagn.errors import CheckpointError
from maagn.nn.build import PRESETS, build
from maagn.published.convert import convert
from maagn.train.start import begin
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


def bring(file, arch, labels, out, *more, depth=50):
    command = ["import", str(file), "--as", f"{arch}-r{depth}", "--labels", str(labels)]
    return CliRunner().invoke(app, [*command, "--out", str(out), *more])


@pytest.mark.parametrize(
    ("source", "arch", "depth"),
    [(*one, 50) for one in ALL]
    + [("mit-han-lab", "tsm", depth) for depth in (18, 34, 101)]
    + [("mmaction2", "tsm", 18), ("mmaction2", "tsm", 101), ("decisionforce", "tsm", 101)],
)
def test_the_logits_are_the_published_networks(source, arch, depth, labels, tmp_path):
    layout = Layout(source, arch=arch, depth=depth)
    state = random_state(layout, classes=CLASSES)
    file, out = tmp_path / "published.pth.tar", tmp_path / "mine.safetensors"
    clip = torch.rand(8, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1
    expected = logits(layout, state, clip)
    old = source != "mmaction2"  # files of 2018 to 2020 are in torch's older format
    torch.save(container(source, dict(state)), file, _use_new_zipfile_serialization=not old)
    ran = bring(file, arch, labels, out, depth=depth)
    assert ran.exit_code == 0, ran.output
    assert ("Not used: cls_head.new_cls.weight" in ran.output) == (source == "mmaction2")
    model = load_model(out)
    assert model.labels == tuple(f"Class {i}" for i in range(CLASSES))
    assert model.spec.depth == depth
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
    assert "no names of mit-han-lab" in refused(tmp_path, {"a": torch.zeros(1)})
    assert "are called a" in refused(tmp_path, {"a": torch.zeros(1)})
    assert "no tensors by name" in refused(tmp_path, [torch.zeros(1)])
    assert "other things than tensors" in refused(tmp_path, {"a": 1})


@pytest.mark.parametrize("kind", ["tsn-r50", "tpn-r50", "tsm-r101"])
def test_another_network_than_was_said_is_named_with_the_option_that_fits(kind, state, tmp_path):
    said = refused(tmp_path, state, kind)
    assert said == (
        "file.pth looks like TSM of mit-han-lab, ResNet-50, 5 classes: give --as tsm-r50."
    )


def test_what_a_file_is_need_not_be_said_where_its_names_tell(state, tmp_path):
    torch.save(state, tmp_path / "file.pth")
    spec = convert(tmp_path / "file.pth").spec
    assert (spec.arch, spec.depth, spec.shift) == ("tsm", 50, True)
    plain = random_state(Layout("decisionforce", arch="tsm"), classes=CLASSES)
    assert refused(tmp_path, plain, None) == (
        "file.pth looks like TSM or TSN of decisionforce, ResNet-50, 5 classes: "
        "give --as tsm-r50 or --as tsn-r50."
    )


def test_a_deeper_network_says_what_it_is(state, tmp_path):
    block = {k: v for k, v in state.items() if "layer3.5" in k}
    more = {k.replace("layer3.5", f"layer3.{i}"): v for k, v in block.items() for i in (6, 7)}
    said = refused(tmp_path, state | more, None)
    assert "TSM of mit-han-lab, a ResNet of another depth, 5 classes" in said
    assert "tsm-r18" in said


def test_a_network_of_3d_convolutions_is_named(tmp_path):
    state = random_state(Layout("mmaction2", arch="tsn"), classes=CLASSES)
    name = "backbone.conv1.conv.weight"
    assert "3D convolutions" in refused(tmp_path, state | {name: state[name][:, :, None]}, None)


def test_blocks_that_shift_in_no_known_order_are_refused(state, tmp_path):
    odd = {k.replace("1.2.conv1.net", "1.2.conv1"): v for k, v in state.items()}
    assert "shifts other blocks" in refused(tmp_path, odd, None)


@pytest.mark.parametrize(("source", "arch"), ALL)
def test_files_from_before_batch_norms_counters_are_read(source, arch, tmp_path):
    state = random_state(Layout(source, arch=arch), classes=CLASSES)
    old = {k: v for k, v in state.items() if not k.endswith("num_batches_tracked")}
    torch.save(old, tmp_path / "file.pth")
    tensors = convert(tmp_path / "file.pth", f"{arch}-r50").tensors
    counters = [v for k, v in tensors.items() if k.endswith("num_batches_tracked")]
    assert len(counters) == len(state) - len(old)
    assert all(counter == 0 and counter.dtype == torch.int64 for counter in counters)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_become_single(kind, state, tmp_path):
    torch.save({k: v.to(kind) for k, v in state.items()}, tmp_path / "file.pth")
    tensors = convert(tmp_path / "file.pth").tensors
    weight = tensors["backbone.conv1.weight"]
    assert weight.dtype == torch.float32
    assert torch.equal(weight, state["base_model.conv1.weight"].to(kind).float())
    assert tensors["backbone.bn1.num_batches_tracked"].dtype == torch.int64


def test_whole_numbers_for_weights_are_refused(state, tmp_path):
    name = "base_model.layer1.0.conv2.weight"
    said = refused(tmp_path, state | {name: state[name].to(torch.int8)}, None)
    assert "quantised" in said
    assert "backbone.layer1.0.conv2.weight" in said


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("new_fc.bias", float("nan"), "not finite in head.1.bias"),
        ("base_model.layer2.1.conv2.weight", float("inf"), "not finite in backbone.layer2.1.conv2"),
        ("base_model.bn1.running_mean", float("-inf"), "not finite in backbone.bn1.running_mean"),
        ("base_model.bn1.running_var", -1.0, "negative variance in backbone.bn1.running_var"),
        ("base_model.bn1.weight", 1e300, "not finite in backbone.bn1.weight"),  # once it is single
    ],
)
def test_weights_without_a_finite_answer_are_refused(name, value, words, state, labels, tmp_path):
    file, out = tmp_path / "file.pth", tmp_path / "out.safetensors"
    worse = state[name].double().clone()
    worse.view(-1)[-1] = value
    torch.save(state | {name: worse}, file)
    ran = bring(file, "tsm", labels, out)
    assert ran.exit_code == 2
    assert words in ran.output
    assert len(ran.output.strip().splitlines()) == 1
    assert not out.exists()


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
    begin(network, str(tmp_path / "resnet18.pth"))
    for name, tensor in _tensors().items():
        assert torch.equal(network.state_dict()[name], tensor)
    deeper = build(PRESETS["tsn-r50-8f"])
    with pytest.raises(CheckpointError, match="same depth"):
        begin(deeper, str(tmp_path / "resnet18.pth"))


def test_training_starts_from_no_resnet_without_finite_numbers(tmp_path):
    names = {k.removeprefix("backbone."): v for k, v in _tensors().items()}
    names["layer1.0.bn1.running_var"] = names["layer1.0.bn1.running_var"] * float("nan")
    torch.save(names, tmp_path / "resnet18.pth")
    with pytest.raises(CheckpointError, match=r"not finite in backbone.layer1.0.bn1.running_var"):
        begin(build(PRESETS["maagn-demo"]), str(tmp_path / "resnet18.pth"))


def _tensors():
    torch.manual_seed(3)
    state = build(PRESETS["tsn-demo"]).state_dict()
    return {k: v for k, v in state.items() if k.startswith("backbone.")}
