"""Networks answer as their authors' code does, through the files that this code writes.

The weights are drawn; the answers are those of the authors' own code (`tests/published/parity`).
"""

import pickle
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from maagn.errors import CheckpointError
from maagn.nn.build import PRESETS, build
from maagn.published.convert import convert
from tests.published import parity

THEIRS = parity.theirs()


def in_the_file(preset, author):
    """Names and shapes of the network with ten classes, as the author calls them."""
    with torch.device("meta"):
        shapes = parity.shapes_of(build(replace(PRESETS[preset], classes=10)).state_dict())
    named = {
        "PyTorchVideo": lambda name: pytorchvideo(name, two=preset.startswith("slowfast")),
        "liu-zhy/temporal-adaptive-module": tam,
        "MCG-NJU/TDN": tdn,
    }.get(author, str)
    theirs = {named(name): shape for name, shape in shapes.items()}
    if author == "MCG-NJU/TDN":  # a convolution that nothing runs
        theirs |= {f"base_model.conv1_temp.{p}": theirs[f"base_model.conv1.{p}"] for p in BIASED}
    return theirs


BIASED = ("weight", "bias")


def tam(name):
    """temporal-adaptive-module's name of one of our tensors."""
    name = re.sub(r"^backbone\.", "base_model.", name).replace("head.1.", "new_fc.")
    parts = {
        "global_branch": ("G", "widen norm _ kernel"),
        "local_branch": ("L", "narrow norm _ widen"),
    }
    found = re.fullmatch(r"(.*)\.temporal\.(\w+_branch)\.(\w+)\.(\w+)", name)
    if found is None:
        return re.sub(r"(layer\d\.\d+)\.", r"\1.net.", name)
    block, branch, part, kind = found.groups()
    letter, order = parts[branch]
    return f"{block}.tam.{letter}.{order.split().index(part)}.{kind}"


def tdn(name):
    """TDN's name of one of our tensors."""
    name = re.sub(r"^backbone\.", "base_model.", name).replace("head.1.", "new_fc.")
    name = re.sub(r"\.layer(\d)\.", r".layer\1_bak.", name)
    for mine, his in (
        ("motion_stem.", "conv1_5."),
        ("motion_layer1.", "resnext_layer1."),
        ("temporal.1.", "shift."),
        ("temporal.0.", "mse."),
        ("mse.narrow.0", "mse.conv1"),
        ("mse.narrow.1", "mse.bn1"),
        ("mse.smooth", "mse.conv2"),
        ("mse.widen.0", "mse.conv3"),
        ("mse.widen.1", "mse.bn3"),
        ("mse.coarse.0", "mse.conv3_smallscale2"),
        ("mse.coarse.1", "mse.bn3_smallscale2"),
        ("mse.fine.0", "mse.conv3_smallscale4"),
        ("mse.fine.1", "mse.bn3_smallscale4"),
    ):
        name = name.replace(mine, his)
    return name


def pytorchvideo(name, *, two):
    """PyTorchVideo's name of one of PySlowFast's tensors, of a network of one pathway or two."""
    if name.startswith("head."):
        return name.replace("head.projection", "blocks.6.proj")
    number = int(name[1])
    if "_fuse." in name:
        rest = name.partition(".")[2].replace("conv_f2s", "conv_fast_to_slow")
        return f"blocks.{number - 1}.multipathway_fusion.{rest.replace('bn.', 'norm.')}"
    way, what, rest = re.fullmatch(r"s\d\.pathway(\d)_(\w+?)\.(.*)", name).groups()
    block = number - 1 if two or number < 3 else number  # the third of one pathway is its pool
    at = f"blocks.{block}" + (f".multipathway_blocks.{way}" if two else "")
    if what == "stem":
        return f"{at}.{rest.replace('bn.', 'norm.')}"
    for mine, his in (
        (r"^branch1\.", "branch1_conv."),
        (r"^branch1_bn", "branch1_norm"),
        (r"^branch2\.(.)_bn", r"branch2.norm_\1"),
        (r"^branch2\.(.)\.", r"branch2.conv_\1."),
    ):
        rest = re.sub(mine, his, rest)
    return f"{at}.res_blocks.{what.removeprefix('res')}.{rest}"


@pytest.mark.parametrize("key", THEIRS)
def test_the_logits_are_those_of_the_authors_code(key, tmp_path):
    preset, author = key.split(" ")
    theirs = THEIRS[key]
    shapes = in_the_file(preset, author)
    assert parity.digest(shapes) == theirs.names
    file = tmp_path / "theirs.pyth"
    torch.save({"epoch": 3, "model_state": parity.drawn(shapes), "cfg": "TRAIN:\n"}, file)
    # Nothing in TDN's weights says how many segments they were trained with.
    converted = convert(file, preset if author == "MCG-NJU/TDN" else None)
    assert (converted.kind, converted.source) == (preset, author)
    assert converted.spec == replace(PRESETS[preset], classes=10)
    assert all("conv1_temp" in name for name in converted.unused)
    mine = build(converted.spec).eval()
    mine.load_state_dict(converted.tensors)
    unused = sum(np.prod(shapes[name]) for name in converted.unused)
    assert sum(each.numel() for each in mine.parameters()) == theirs.parameters - unused
    with torch.no_grad():
        (found,) = mine(parity.clip(theirs.frames, theirs.side)).tolist()
    assert np.std(theirs.logits) > 0.1
    assert found == pytest.approx(theirs.logits, abs=1e-4)


@pytest.mark.parametrize(
    ("preset", "millions"),
    [
        ("i3d-r50-8f", 28.04),
        ("slowfast-r50-4x16", 34.48),
        ("slowfast-r50-8x8", 34.57),
        ("slowfast-r101-8x8", 62.83),
    ],
)
def test_there_are_as_many_parameters_as_published(preset, millions):
    """In PyTorchVideo's model zoo, of 400 classes."""
    with torch.device("meta"):
        made = build(PRESETS[preset])
    assert round(sum(each.numel() for each in made.parameters()) / 1e6, 2) == millions


@pytest.fixture(scope="module")
def state():
    return parity.drawn(in_the_file("i3d-r50-8f", "PySlowFast"))


def test_another_kind_and_half_a_file_are_refused(state, tmp_path):
    file = tmp_path / "theirs.pyth"
    torch.save({"model_state": state}, file)
    for kind in ("nonlocal-r50-8f", "slowfast-r50-8x8", "tsm-r50"):
        with pytest.raises(CheckpointError, match="like I3D of PySlowFast: give --as i3d-r50-8f"):
            convert(file, kind)
    torch.save({"model_state": {k: v for k, v in state.items() if "head" not in k}}, file)
    with pytest.raises(CheckpointError, match="with its classifier"):
        convert(file)
    torch.save({"model_state": {k: v for k, v in state.items() if "s4" not in k}}, file)
    with pytest.raises(CheckpointError, match=r"it lacks: s4\.pathway0"):
        convert(file)
    torch.save({"model_state": state | {"s1.more.weight": torch.zeros(1)}}, file)
    with pytest.raises(CheckpointError, match=r"it also has: s1\.more\.weight"):
        convert(file)


def test_frames_that_alpha_does_not_divide_are_a_named_error(tmp_path):
    shapes = in_the_file("slowfast-r50-8x8", "PySlowFast")
    torch.save({"model_state": parity.drawn(shapes)}, tmp_path / "theirs.pyth")
    assert convert(tmp_path / "theirs.pyth", frames=64).spec.frames == 64
    with pytest.raises(CheckpointError, match="a multiple of alpha = 4 frames, got 30"):
        convert(tmp_path / "theirs.pyth", frames=30)


def test_the_segments_of_a_tdn_are_asked_for(tmp_path):
    shapes = in_the_file("tdn-r50-8x5", "MCG-NJU/TDN")
    torch.save({"state_dict": parity.drawn(shapes)}, tmp_path / "theirs.pth.tar")
    with pytest.raises(
        CheckpointError, match="TDN of MCG-NJU/TDN: give --as tdn-r50-8x5 or --as tdn-r50-16x5"
    ):
        convert(tmp_path / "theirs.pth.tar")


def test_a_pickle_of_caffe2_is_refused_and_not_run(tmp_path):
    """As the model zoo of PySlowFast has them: arrays of NumPy in a plain pickle."""
    file = tmp_path / "I3D_8x8_R50.pkl"
    file.write_bytes(pickle.dumps({"blobs": {"conv1_w": np.zeros((2, 3))}}, protocol=2))
    with pytest.raises(CheckpointError, match="never run"):
        convert(file)
