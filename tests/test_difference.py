"""A taught network is stored as what differs, and needs the very network that it differs from."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from maagn import checkpoint
from maagn.checkpoint import DIFFERENCE, load_card, load_model, save_difference
from maagn.errors import CheckpointError
from maagn.labels import ClassPairs, Opposites
from maagn.teach.heads import LinearHead
from maagn.teach.network import taught_network
from tests.tiny import BASELINES, save_tiny

PAIRS = ClassPairs((Opposites("in", "out", "time-reversal"),))
CLIPS = (("a" * 64, 0), ("b" * 64, 1))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def base(folder):
    return load_model(save_tiny(folder / "tiny-tsm.safetensors", spec=BASELINES["tsm"]))


def teach(base, path, *, bias=0.5):
    width = base.network.classifiers[0].in_features
    weight = np.linspace(-1, 1, 2 * width).reshape(2, width)
    network = taught_network(base, [LinearHead(weight, np.array([bias, -bias]), 1.0)])
    save_difference(
        path, network, base, collection="doors", clips=CLIPS, labels=("in", "out"),
        provenance=base.provenance, pairs=PAIRS,
    )  # fmt: skip
    return network


def test_the_head_alone_is_stored_and_the_whole_comes_back(base, folder):
    network = teach(base, folder / "doors" / "doors-tsm.safetensors")
    path = folder / "doors" / "doors-tsm.safetensors"
    assert sorted(load_file(path)) == ["head.1.bias", "head.1.weight"]
    assert path.stat().st_size < 10_000
    model = load_model("doors-tsm")  # by its name, from the folder below
    assert (model.labels, model.spec.classes, model.pairs) == (("in", "out"), 2, PAIRS)
    assert model.transform == base.transform
    assert model.taught.base_digest == base.digest
    assert [model.taught.class_of(digest) for digest in ("a" * 64, "b" * 64, "c" * 64)] == [
        0,
        1,
        None,
    ]
    clip = torch.randn(1, 3, 8, 32, 32)
    with torch.no_grad():
        assert torch.equal(model.network(clip), network(clip))


def test_a_card_needs_no_base(base, folder):
    teach(base, folder / "doors-tsm.safetensors")
    (folder / "tiny-tsm.safetensors").unlink()
    assert load_card("doors-tsm").labels == ("in", "out")


def test_without_its_base_it_is_refused_by_name(base, folder):
    teach(base, folder / "doors-tsm.safetensors")
    (folder / "tiny-tsm.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"taught from tiny-tsm, which is not there: .*back"):
        load_model("doors-tsm")


def test_with_another_base_of_the_name_it_is_refused(base, folder):
    teach(base, folder / "doors-tsm.safetensors")
    save_tiny(folder / "tiny-tsm.safetensors", spec=BASELINES["tsm"], always=1)
    with pytest.raises(CheckpointError, match="taught from tiny-tsm, which is another file now"):
        load_model("doors-tsm")


def test_a_base_under_another_name_is_found_by_its_content(base, folder):
    teach(base, folder / "doors-tsm.safetensors")
    (folder / "tiny-tsm.safetensors").rename(folder / "renamed.safetensors")
    assert load_model("doors-tsm").taught.base == "tiny-tsm"


def test_taught_again_from_a_taught_one(base, folder):
    teach(base, folder / "doors-tsm.safetensors")
    again = teach(load_model("doors-tsm"), folder / "more-tsm.safetensors", bias=2.0)
    clip = torch.randn(1, 3, 8, 32, 32)
    with torch.no_grad():
        assert torch.equal(load_model("more-tsm").network(clip), again(clip))


def test_a_name_in_the_folder_itself_goes_first(base, folder):
    teach(base, folder / "one" / "tiny-tsm.safetensors")
    assert load_model("tiny-tsm").taught is None
    assert checkpoint.available() == ["tiny-tsm"]


@pytest.mark.parametrize(
    "taught",
    [
        None,
        {},
        {"collection": "x"},
        {"collection": "x", "base": "y", "base_digest": "z", "clips": 3},
    ],
)
def test_a_damaged_description_is_refused(base, folder, taught):
    path = folder / "doors-tsm.safetensors"
    teach(base, path)
    header = {
        "spec": replace(base.spec, classes=2).as_dict(),
        "labels": ["in", "out"],
        "transform": {"resize": 32, "crop": 32},
        "provenance": base.provenance.__dict__,
    }
    if taught is not None:
        header["taught"] = taught
    save_file(load_file(path), path, metadata={DIFFERENCE: json.dumps(header)})
    with pytest.raises(CheckpointError, match="cannot read"):
        load_model(path)


def test_a_tensor_of_another_shape_is_refused(base, folder):
    path = folder / "doors-tsm.safetensors"
    teach(base, path)
    with_metadata = json.dumps({
        "spec": replace(base.spec, classes=2).as_dict(), "labels": ["in", "out"],
        "transform": {"resize": 32, "crop": 32}, "provenance": base.provenance.__dict__,
        "taught": {"collection": "x", "base": base.name, "base_digest": base.digest, "clips": []},
    })  # fmt: skip
    tensors = load_file(path) | {"head.1.bias": torch.zeros(3)}
    save_file(tensors, path, metadata={DIFFERENCE: with_metadata})
    with pytest.raises(CheckpointError, match="does not fit the network"):
        load_model(path)
