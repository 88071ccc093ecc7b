"""The network in a file, whoever saved it, under which keys and beside whatever else."""

import argparse
import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from maagn.checkpoint import FORMAT
from maagn.errors import CheckpointError
from maagn.published.file import read_plain, read_state, read_tensors

NAMES = (
    "base_model.conv1.weight",
    "base_model.layer1.0.conv1.net.weight",
    "base_model.bn1.running_var",
    "new_fc.weight",
)


def state(value=1.0, *, prefix=""):
    return {prefix + name: torch.full((2, 3), value) for name in NAMES}


def saved(tmp_path, content, *, old=False):
    path = tmp_path / "file.pth"
    torch.save(content, path, _use_new_zipfile_serialization=not old)
    return path


def read(tmp_path, content, **how):
    return read_state(saved(tmp_path, content), **how)


def value_of(found):
    assert set(found.tensors) == set(NAMES)
    (value,) = {float(tensor.mean()) for tensor in found.tensors.values()}
    return value


LIGHTNING = {
    "epoch": 3,
    "global_step": 100,
    "pytorch-lightning_version": "2.6.0",
    "state_dict": state(prefix="model."),
    "loops": {"fit_loop": {"state_dict": {}, "epoch_progress": {"total": {"ready": 4}}}},
    "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_score": torch.tensor(0.5)}},
    "optimizer_states": [{"state": {0: {"exp_avg": torch.zeros(2)}}, "param_groups": [{}]}],
    "lr_schedulers": [],
    "hparams_name": "kwargs",
    "hyper_parameters": {"lr": 0.1},
}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(state(), id="bare"),
        pytest.param(OrderedDict(state()), id="ordered"),
        *(
            pytest.param({"epoch": 1, key: state()}, id=key)
            for key in (
                "state_dict", "model", "model_state_dict", "model_state", "net", "network",
                "weights", "params", "module", "anything else",
            )
        ),
        pytest.param({"model": {"state_dict": state()}}, id="one in another"),
        *(
            pytest.param({"state_dict": state(prefix=prefix)}, id=prefix)
            for prefix in (
                "module.", "module.module.", "_orig_mod.", "module._orig_mod.", "model.", "net.",
                "model.module.", "backbone.", "recognizer.model.", "model.net.", "encoder.",
                "_fsdp_wrapped_module.",
            )
        ),
        pytest.param(LIGHTNING, id="Lightning"),
        pytest.param(
            {k.replace("base_model.", "base_model.module."): v for k, v in state().items()},
            id="DataParallel inside",
        ),
        pytest.param(
            {"optimizer": {"state": {0: {"step": torch.tensor(3.0)}}}, "model": state()},
            id="an optimiser before it",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("old", [False, True], ids=["zip", "legacy"])
def test_the_network_is_found(content, old, tmp_path):
    found = read_state(saved(tmp_path, content, old=old))
    assert value_of(found) == 1
    assert found.notice == ""
    assert found.unused == ()


@pytest.mark.parametrize(
    "name",
    ["backbone.conv1.weight", "backbone.conv1.conv.weight", "conv1.weight"],
)
def test_the_backbone_of_a_source_is_no_prefix(name, tmp_path):
    for prefix in ("", "model.", "backbone.", "module."):
        if (prefix + name) != "backbone.conv1.weight":
            assert list(read_tensors(saved(tmp_path, {prefix + name: torch.ones(1)}))) == [name]


def test_an_averaged_model_of_torch_is_read(tmp_path):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 1, 1, bias=False)

    averaged = torch.optim.swa_utils.AveragedModel(Net())
    averaged.update_parameters(Net())
    found = read(tmp_path, averaged.state_dict())
    assert list(found.tensors) == ["conv1.weight"]
    assert found.unused == ("n_averaged",)


@pytest.mark.parametrize(
    "key",
    ["state_dict_ema", "ema_state_dict", "model_ema", "ema", "ema_model", "swa_state_dict"],
)
@pytest.mark.parametrize("prefix", ["", "module."])
def test_averaged_weights_are_taken_by_choice(key, prefix, tmp_path):
    content = {key: state(2.0, prefix=prefix) | {"n_averaged": torch.tensor(3)}}
    content["state_dict"] = state(1.0)
    plain = read(tmp_path, content)
    assert value_of(plain) == 1
    assert key in plain.notice
    assert "--weights ema" in plain.notice
    averaged = read(tmp_path, content, weights="ema")
    assert value_of(averaged) == 2
    assert averaged.notice == ""


def test_averaged_weights_beside_the_others_in_one_dictionary(tmp_path):
    content = {"state_dict": state(1.0, prefix="model.") | state(2.0, prefix="model_ema.")}
    assert value_of(read(tmp_path, content)) == 1
    assert value_of(read(tmp_path, content, weights="ema")) == 2
    assert "model_ema" in read(tmp_path, content).notice


def test_averaged_weights_alone_or_none_name_the_option(tmp_path):
    with pytest.raises(CheckpointError, match=r"alone, in state_dict_ema: give --weights ema\."):
        read(tmp_path, {"state_dict_ema": state()})
    with pytest.raises(CheckpointError, match=r"no averaged weights: leave --weights out\."):
        read(tmp_path, {"state_dict": state()}, weights="ema")


@pytest.mark.parametrize("mark", [{"message_hub": {}}, {"meta": {"mmengine_version": "0.10"}}])
def test_mmengine_exchanges_the_two_when_it_saves(mark, tmp_path):
    """`EMAHook.before_save_checkpoint` puts the averaged weights into `state_dict`."""
    content = {**mark, "state_dict": state(2.0), "ema_state_dict": state(1.0, prefix="module.")}
    for weights in ("plain", "ema"):
        found = read(tmp_path, content, weights=weights)
        assert value_of(found) == 2
        assert "MMEngine, which keeps the averaged weights in state_dict" in found.notice


def test_what_is_beside_the_network_is_named(tmp_path):
    beside = {"criterion.weight": torch.ones(3), "n": 3}
    copies = {f"ema_{name.replace('.', '_')}": torch.ones(1) for name in NAMES}  # mmcv's EMAHook
    found = read(tmp_path, {"state_dict": state(prefix="model.") | beside})
    assert found.unused == ("criterion.weight", "n")
    assert read(tmp_path, state() | copies).unused == ("ema... (4 entries)",)


def test_of_several_networks_the_usual_key_counts_or_none(tmp_path):
    content = {"best_state": state(2.0), "state_dict": state(1.0)}
    assert value_of(read(tmp_path, content)) == 1
    with pytest.raises(CheckpointError, match="several networks, student, teacher"):
        read(tmp_path, state(prefix="student.") | state(prefix="teacher."))


def test_a_dictionary_that_holds_itself_ends(tmp_path):
    content = {"state_dict": state()}
    content["again"] = content
    assert value_of(read(tmp_path, content)) == 1


class Config(dict):
    pass


BESIDE = {
    "a NumPy scalar": np.float64(0.5),
    "another": np.int32(3),
    "a NumPy array": np.arange(3.0),
    "a NumPy type": np.float32,
    "a namespace": argparse.Namespace(lr=np.float64(0.1), folder=Path("a"), arch="tsm"),
    "a path": Path("a/b"),
}


@pytest.mark.parametrize("what", BESIDE)
@pytest.mark.parametrize("form", ["zip", "legacy", "legacy by NumPy 1"])
def test_what_trainers_leave_beside_the_tensors_is_skipped(what, form, tmp_path):
    content = {"args": BESIDE[what], "list": [BESIDE[what]], "state_dict": state()}
    path = saved(tmp_path, content, old=form != "zip")
    if form.endswith("1"):
        path.write_bytes(path.read_bytes().replace(b"numpy._core", b"numpy.core"))
    assert value_of(read_state(path)) == 1


def test_nothing_of_numpy_is_made_and_nothing_stays_allowed(tmp_path):
    path = saved(tmp_path, {"a": np.float64(0.5), "b": argparse.Namespace(c=np.arange(3))})
    before = set(torch.serialization.get_safe_globals())  # a list of a set, in any order
    content = read_plain(path)
    assert {type(value).__module__ for value in content.values()} == {"maagn.published.file"}
    assert set(torch.serialization.get_safe_globals()) == before


class Runs:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


class Pretends:
    """Calls something through what stands for NumPy's names."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return np._core.multiarray.scalar, (np.dtype("O"), Runs(self.path))


@pytest.mark.parametrize("kind", [Runs, Pretends])
@pytest.mark.parametrize("old", [False, True], ids=["zip", "legacy"])
def test_anything_else_is_refused_by_its_type_and_never_run(kind, old, tmp_path):
    sprung = tmp_path / "sprung"
    path = saved(tmp_path, {"state_dict": state(), "args": kind(sprung)}, old=old)
    with pytest.raises(CheckpointError, match=r"an object of \S+, and objects in a file are never"):
        read_state(path)
    assert not sprung.exists()


def test_a_whole_module_is_refused_by_its_type_with_the_way_to_save_it(tmp_path):
    with pytest.raises(CheckpointError) as caught:
        read(tmp_path, {"model": nn.Conv2d(1, 1, 1)})
    assert "an object of torch.nn.modules.conv.Conv2d" in str(caught.value)
    assert "torch.save(model.state_dict(), 'weights.pth')" in str(caught.value)


def test_a_configuration_class_is_refused_by_its_type(tmp_path):
    path = tmp_path / "file.pth"
    torch.save({"state_dict": state(), "cfg": Config(a=1)}, path)
    with pytest.raises(CheckpointError, match=r"test_state\.Config"):
        read_state(path)


def test_a_stand_in_where_the_tensors_should_be_is_no_state_dict(tmp_path):
    for content in (argparse.Namespace(state_dict=state()), {"state_dict": np.arange(3)}):
        with pytest.raises(CheckpointError, match="give a state_dict"):
            read(tmp_path, content)


def test_our_own_file_need_not_be_brought(tmp_path):
    path = tmp_path / "ours.safetensors"
    save_file({"a": torch.ones(1)}, path, metadata={"format": FORMAT})
    with pytest.raises(CheckpointError, match="a network of this project already"):
        read_state(path)


def test_plain_pickles_are_refused(tmp_path):
    path = tmp_path / "file.pth"
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(CheckpointError, match="cannot be read as tensors alone"):
        read_state(path)
