import hashlib
import json
import pickle
from pathlib import Path

import jaxtyping
import pytest
import torch
from safetensors.torch import load_file, save_file

from maagn import checkpoint
from maagn.checkpoint import FORMAT, Model, Provenance, available, find, load_model, save_model
from maagn.config import SamplingSpec, TransformSpec
from maagn.errors import CheckpointError, UnknownModel
from maagn.labels import ClassPairs, Opposites
from tests.tiny import clip_tensor, network, spec

LABELS = ("opening", "closing", "folding", "unfolding", "waiting")
TRANSFORM = TransformSpec(resize=36, crop=32, mean=(0.1, 0.2, 0.3))
PROVENANCE = Provenance(
    trained_on="nothing",
    command="maagn train",
    seed=3,
    epochs=1,
    steps=2,
    clips=4,
    hardware="one core",
    versions={"torch": "2"},
    metrics={"top1": 0.5},
)


def write(path: Path, arch: str = "maagn") -> torch.nn.Module:
    made = network(spec(arch))
    save_model(path, made, labels=LABELS, transform=TRANSFORM, provenance=PROVENANCE)
    return made


def header(**changes: object) -> dict:
    return {
        "spec": spec("maagn").as_dict(),
        "labels": LABELS,
        "transform": {"resize": 36, "crop": 32},
        "provenance": PROVENANCE.__dict__,
    } | changes


def describe(path: Path, content: object, *, form: str = FORMAT) -> None:
    """A file with our weights and another description."""
    tensors = network(spec("maagn")).state_dict()
    text = content if isinstance(content, str) else json.dumps(content)
    save_file(tensors, path, metadata={"format": form, "maagn": text})


def refused(path: Path) -> str:
    """The one sentence with which a file is refused, as outside the tests."""
    with pytest.raises(CheckpointError) as error:
        load_model(path)
    sentence = str(error.value)
    assert sentence.startswith(path.name)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 120
    return sentence


@pytest.fixture(autouse=True)
def unchecked(monkeypatch):
    """No annotations executed: a foreign file must be refused without their help."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


@pytest.mark.parametrize("arch", ["maagn", "tpn", "tsm", "tsn"])
def test_a_model_comes_back_with_all_that_goes_with_it(tmp_path, arch):
    path = tmp_path / "deep" / "folder" / "one.safetensors"
    made = write(path, arch)
    model = load_model(path)
    assert isinstance(model, Model)
    assert model.name == "one"
    assert model.spec == made.spec
    assert model.labels == LABELS
    assert model.transform == TRANSFORM
    assert model.provenance == PROVENANCE
    assert model.sampling == SamplingSpec(8)
    assert model.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    made.requires_grad_(False)  # as a loaded one, so that both take the same way, to the bit
    assert torch.equal(model.network(clip_tensor()), made(clip_tensor()))


def test_a_loaded_network_is_frozen_and_in_evaluation_mode(tmp_path):
    write(tmp_path / "one.safetensors")
    model = load_model(tmp_path / "one.safetensors")
    assert not any(parameter.requires_grad for parameter in model.network.parameters())
    assert not any(module.training for module in model.network.modules())


def test_a_file_holds_numbers_and_a_readable_description(tmp_path):
    path = tmp_path / "one.safetensors"
    made = write(path)
    tensors = load_file(path)
    assert tensors.keys() == made.state_dict().keys()
    length = int.from_bytes(path.read_bytes()[:8], "little")
    metadata = json.loads(path.read_bytes()[8 : 8 + length])["__metadata__"]
    assert metadata["format"] == FORMAT
    assert json.loads(metadata["maagn"])["labels"] == list(LABELS)


def test_pairs_that_a_person_gave_come_back_and_older_files_have_none(tmp_path):
    path = tmp_path / "one.safetensors"
    write(path)
    assert load_model(path).pairs == ClassPairs()
    plain = path.read_bytes()
    pair = Opposites("opening", "waiting", "time-reversal")
    for given in (ClassPairs((pair,), (("folding", "folding"),)), ClassPairs(())):
        save_model(
            path,
            network(spec("maagn")),
            labels=LABELS,
            transform=TRANSFORM,
            provenance=PROVENANCE,
            pairs=given,
        )
        assert load_model(path).pairs == load_model(path).card.pairs == given
        assert path.read_bytes() != plain
    assert load_model(path).relations.opposite_of("opening") is None
    write(path)
    assert load_model(path).relations.opposite_of("opening") == "closing"
    other = load_model(path).or_with(ClassPairs((pair,)))
    assert other.relations.opposite_of("opening") == "waiting"
    assert other.or_with(ClassPairs(())).pairs == other.pairs  # its own go first


def test_a_model_is_found_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    for name in ("two", "one"):
        write(tmp_path / f"{name}.safetensors")
    assert available() == ["one", "two"]
    assert find("two") == tmp_path / "two.safetensors"
    assert load_model("one").name == "one"


def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    with pytest.raises(UnknownModel, match=r"no model r3d: .* one of none yet\.$"):
        load_model("r3d")
    write(tmp_path / "one.safetensors")
    with pytest.raises(UnknownModel, match=r"no model r3d: .* one of one\.$"):
        load_model("r3d")


@pytest.mark.parametrize("kept", [0, 4, 100, 20_000, -1])
def test_a_damaged_file_is_refused(tmp_path, kept):
    path = tmp_path / "one.safetensors"
    write(path)
    path.write_bytes(path.read_bytes()[:kept])
    assert "not a readable safetensors file" in refused(path)


def test_a_pickle_under_our_ending_is_refused_and_not_run(tmp_path):
    class Trap:
        def __reduce__(self):
            return Path.touch, (tmp_path / "sprung",)

    path = tmp_path / "one.safetensors"
    path.write_bytes(pickle.dumps(Trap()))
    assert "not a readable safetensors file" in refused(path)
    torch.save({"weight": torch.ones(2), "trap": Trap()}, path)
    assert "not a readable safetensors file" in refused(path)
    assert not (tmp_path / "sprung").exists()


def test_a_foreign_safetensors_file_is_refused(tmp_path):
    path = tmp_path / "one.safetensors"
    save_file({"weight": torch.ones(2)}, path)
    assert "holds no MAAGN description" in refused(path)
    save_file({"weight": torch.ones(2)}, path, metadata={"format": "pt"})
    assert "holds no MAAGN description" in refused(path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("not JSON", id="not JSON"),
        pytest.param("[" * 100_000, id="JSON without a floor"),
        pytest.param([], id="a list"),
        pytest.param("null", id="null"),
        pytest.param({}, id="empty"),
        pytest.param(header(spec="maagn-demo"), id="a spec that is a word"),
        pytest.param(header(spec={"arch": "maagn", "colour": "red"}), id="an unknown number"),
        pytest.param(
            header(spec=spec("maagn").as_dict() | {"arch": {}}), id="a kind that is no word"
        ),
        pytest.param(
            header(spec=spec("maagn").as_dict() | {"options": [["bins"]]}),
            id="an option of no value",
        ),
        pytest.param(
            header(spec=spec("maagn").as_dict() | {"options": [["bins", [2]]]}),
            id="an option of a list",
        ),
        pytest.param(
            header(spec=spec("maagn").as_dict() | {"options": 5}), id="options that are a number"
        ),
        pytest.param(header(provenance={}), id="no provenance"),
        pytest.param(header(provenance="mine"), id="provenance that is a word"),
        pytest.param(header(transform={"zoom": 2}), id="an unknown transform"),
        pytest.param(header(transform="none"), id="a transform that is a word"),
        pytest.param(header(labels=5), id="labels that are a number"),
        pytest.param(header(labels=[1, 2, 3, 4, 5]), id="labels that are numbers"),
        pytest.param(header(pairs=[]), id="pairs that are a list"),
        pytest.param(header(pairs={"opposites": [["opening", "closing"]]}), id="pairs of no kind"),
        pytest.param(header(pairs={"opposites": [["a", "b", "c"]]}), id="an unknown kind"),
        pytest.param(header(pairs={"mirrored": [["opening", 3]]}), id="pairs of numbers"),
    ],
)
def test_a_description_that_cannot_be_read_is_refused(tmp_path, content):
    path = tmp_path / "one.safetensors"
    describe(path, content)
    assert "cannot read" in refused(path)


def test_a_kind_of_network_that_is_not_here_is_named(tmp_path):
    path = tmp_path / "one.safetensors"
    describe(path, header(spec=spec("maagn").as_dict() | {"arch": "r3d"}))
    assert "a network kind r3d that is not registered here: import the module" in refused(path)


def test_another_number_of_labels_than_of_classes_is_refused(tmp_path):
    path = tmp_path / "one.safetensors"
    describe(path, header(labels=LABELS[:4]))
    assert "another number of labels than of classes" in refused(path)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"arch": "tsn"}, id="another network"),
        pytest.param({"width": 16}, id="another width"),
        pytest.param({"fusion": "product"}, id="no such fusion"),
        pytest.param({"levels": [5, 4, 3]}, id="levels in disorder"),
        pytest.param({"rates": [1, 2]}, id="too few rates"),
        pytest.param({"rates": [1, 2, 0]}, id="no rate"),
        pytest.param({"depth": "18"}, id="a word for a number"),
        pytest.param({"width": None}, id="nothing for a number"),
        pytest.param({"neck_groups": 0}, id="no groups"),
        pytest.param({"reduction": 0}, id="no reduction"),
        pytest.param({"levels": 5}, id="a number for a list"),
    ],
)
def test_weights_that_do_not_fit_their_description_are_refused(tmp_path, changes):
    path = tmp_path / "one.safetensors"
    describe(path, header(spec=spec("maagn").as_dict() | changes))
    assert "does not fit the network that it describes" in refused(path)


def test_a_missing_tensor_is_refused(tmp_path):
    path = tmp_path / "one.safetensors"
    tensors = network(spec("maagn")).state_dict()
    tensors.pop("heads.0.1.bias")
    save_file(tensors, path, metadata={"format": FORMAT, "maagn": json.dumps(header())})
    assert "does not fit" in refused(path)


def test_labels_must_be_as_many_as_classes(tmp_path):
    with pytest.raises(ValueError, match="5 classes need as many labels, got 4"):
        save_model(
            tmp_path / "one.safetensors",
            network(spec("maagn")),
            labels=LABELS[:4],
            transform=TRANSFORM,
            provenance=PROVENANCE,
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_a_write_that_fails_leaves_the_folder_as_it_was(tmp_path, monkeypatch, step):
    path = tmp_path / "one.safetensors"
    write(path)
    before = path.read_bytes()

    def full(partial: Path, *_: object) -> None:
        partial.touch()
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, step, full)
    with pytest.raises(OSError, match="No space"):
        save_model(
            path, network(spec("tsn")), labels=LABELS, transform=TRANSFORM, provenance=PROVENANCE
        )
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before
