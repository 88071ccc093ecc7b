"""What a training takes from another network, and that MAAGN begins as good as its parent."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch

from maagn.checkpoint import load_model, save_model
from maagn.errors import CheckpointError
from maagn.nn.build import architecture_of, build
from maagn.train.masks import standardise
from maagn.train.start import begin
from tests.own_kind import SPEC, Headless, Mine, register
from tests.tiny import LABELS, clip_tensor, lively, save_tiny, spec

CLIPS = clip_tensor(batch=6, seed=3)
OTHERS = (*LABELS[:-1], "Something else")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Checkpoints with lively normalisation, by architecture: the file and the network in it."""
    folder = tmp_path_factory.mktemp("saved")
    made = {}
    for arch in ("maagn", "tpn", "tsm"):
        of = spec(arch, classes=len(LABELS))
        path = save_tiny(folder / f"first-{arch}.safetensors", spec=of)
        model = load_model(path)
        save_model(
            path,
            lively(model.network),
            labels=LABELS,
            transform=model.transform,
            provenance=model.provenance,
        )
        made[arch] = path, model.network
    return made


def fresh(arch, seed=7, **changes):
    torch.manual_seed(seed)
    return build(spec(arch, classes=len(LABELS), **changes))


def answer(network, *, batch=2):
    with torch.no_grad():
        return deepcopy(network).double().eval()(clip_tensor(batch=batch).double())


TPN = {"votes": "own+levels"}
GROWN = [
    ("tpn", TPN | {"levels": (4, 5), "rates": (1, 1)}, True),
    ("tpn", TPN | {"rates": (2, 1, 1)}, True),
    ("tpn", TPN | {"levels": (2, 3, 4, 5), "rates": (4, 2, 1, 1), "pooling": "channel"}, False),
    ("tpn", TPN | {"rates": (1, 1, 1), "mtam_masks": "max+avg"}, False),
    ("tpn", TPN | {"rates": (1, 1, 1), "fusion": "none"}, False),
    ("tsm", {"votes": "own+last", "rates": (1, 2, 1)}, True),
    ("tsm", {"votes": "own+last", "levels": (4, 5), "rates": (2, 1), "pooling": "channel"}, False),
]


@pytest.mark.parametrize(("arch", "changes", "standardised"), GROWN)
def test_maagn_answers_at_first_as_the_network_that_it_grows_from(
    saved, arch, changes, standardised
):
    path, parent = saved[arch]
    child = fresh("maagn", **changes)
    begun = begin(child, str(path), labels=LABELS)
    assert begun.silent
    assert begun.told[-1].startswith(f"At first it answers as first-{arch} does")
    if standardised:
        standardise(child, CLIPS, spread=0.0, kept=begun.kept)
    expected = answer(parent)
    torch.testing.assert_close(answer(child), expected, rtol=1e-7, atol=1e-7)
    assert expected.std() > 0.1
    with torch.no_grad():  # the plain form, in single precision
        plain = child.eval().training_logits(clip_tensor(batch=2))[0]
    torch.testing.assert_close(plain, expected.float(), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("arch", "changes"), [GROWN[1][:2], GROWN[5][:2]])
def test_everything_learns_from_the_second_step_at_the_latest(saved, arch, changes):
    """But for AGM's Conv1 and inner convolutions, which wait for alpha (docs/paper.md)."""
    path, _ = saved[arch]
    child = fresh("maagn", **changes)
    begin(child, str(path), labels=LABELS)
    standardise(child, CLIPS, spread=0.0)  # lest hidden units are asleep for every clip
    child.train()
    optimiser = torch.optim.SGD(child.parameters(), lr=0.01)
    learning = []
    for step in range(4):
        logits, auxiliary = child.training_logits(clip_tensor(batch=4, seed=step))
        targets = torch.arange(4)
        loss = sum(torch.nn.functional.cross_entropy(x, targets) for x in (logits, auxiliary))
        optimiser.zero_grad()
        loss.backward()
        learning.append(
            {n for n, p in child.named_parameters() if p.grad is not None and p.grad.any()}
        )
        optimiser.step()
    first, second, *_ = learning
    for path_of_parent in ("paths.2.",) if arch == "tsm" else ("paths.1.", "paths.2."):
        for name in (
            "sdm.expand.weight",
            "mtam.mlp.2.weight",
            "agm.gate.alpha",
            "agm.conv3.weight",
        ):
            assert path_of_parent + name in first
        for name in (
            "sdm.squeeze.weight",
            "mtam.mlp.0.weight",
            "mtam.joint.weight",
            "agm.conv1.weight",
        ):
            assert path_of_parent + name in second
    assert {"paths.0.sdm.expand.weight", "paths.0.agm.gate.alpha"} <= second
    assert set.union(*learning) == {name for name, _ in child.named_parameters()}


def test_other_classes_leave_the_classifier_new_and_the_features_the_parents(saved):
    path, parent = saved["tpn"]
    child = fresh("maagn", votes="own+levels", rates=(1, 1, 1))
    begun = begin(child, str(path), labels=OTHERS)
    assert "classifier" not in begun.parts
    assert any("other classes" in line for line in begun.told)
    x = clip_tensor(batch=2)
    with torch.no_grad():
        (theirs,) = parent.head_inputs(parent.forward_features(x))
        for read in child.eval().head_inputs(child.forward_features(x)):
            torch.testing.assert_close(read[:, 16:], theirs, rtol=1e-4, atol=1e-4)


def test_a_maagn_goes_on_whole_and_its_masks_are_kept(saved):
    path, source = saved["maagn"]
    child = fresh("maagn")
    begun = begin(child, str(path), labels=LABELS)
    assert begun.kept == {0, 1, 2}
    standardise(child, clip_tensor(batch=2), spread=1.5, kept=begun.kept)
    for name, tensor in source.state_dict().items():
        assert torch.equal(child.state_dict()[name], tensor), name
    assert len(begun.told) == 1


def test_a_maagn_with_other_classes_keeps_all_but_the_classifiers(saved):
    path, source = saved["maagn"]
    child = fresh("maagn")
    before = {name: x.clone() for name, x in child.state_dict().items()}
    begun = begin(child, str(path), labels=OTHERS)
    for name, tensor in child.state_dict().items():
        new = name.startswith(("heads.", "auxiliary.classify."))
        assert torch.equal(tensor, (before if new else source.state_dict())[name]), name
    assert begun.told[1] == "New: classifier"


def test_parts_of_a_level_are_those_of_the_level_of_that_number(saved):
    path, source = saved["tpn"]
    child = fresh("maagn")
    begun = begin(child, str(path), labels=LABELS)
    assert torch.equal(child.pyramid.temporal[1][0].weight, source.pyramid.temporal[0][0].weight)
    assert torch.equal(child.pyramid.down[1].weight, source.pyramid.down[0].weight)
    assert torch.equal(child.auxiliary.classify[1].weight, source.auxiliary.classify[1].weight)
    assert begun.parts == ("backbone", "pyramid", "auxiliary head")
    assert begun.told[-1] == (
        "It would begin with the answers of first-tpn with --set votes=own+levels --set rates=1,1,1"
    )


def test_classifiers_of_the_same_shape_that_read_something_else_are_not_taken(saved):
    path, _ = saved["tsm"]  # its classifier reads 64 numbers
    child = fresh("tpn", neck_width=32)  # so does this one
    before = child.head.linear.weight.clone()
    assert "classifier" not in begin(child, str(path), labels=LABELS).parts
    assert torch.equal(child.head.linear.weight, before)


def test_a_tsn_takes_the_classifier_of_a_tsm_unless_the_backbone_alone_is_asked_for(saved):
    path, source = saved["tsm"]
    whole, backbone = fresh("tsn"), fresh("tsn")
    assert begin(whole, str(path), labels=LABELS).parts == ("backbone", "classifier")
    assert torch.equal(whole.head.linear.weight, source.head.linear.weight)
    begun = begin(backbone, str(path), labels=LABELS, take="backbone")
    assert begun.told == ("From first-tsm: backbone: 120 tensors", "New: classifier")
    assert not torch.equal(backbone.head.linear.weight, source.head.linear.weight)


def test_another_shift_is_told(saved):
    path, _ = saved["tpn"]
    child = fresh("maagn", votes="own+levels", rates=(1, 1, 1), shift=False)
    assert begin(child, str(path), labels=LABELS).told[-1].endswith("with --set shift=true")


def test_a_backbone_of_another_width_is_refused(saved):
    path, _ = saved["tpn"]
    with pytest.raises(CheckpointError, match="first-tpn has other layers"):
        begin(fresh("maagn", width=16), str(path), labels=LABELS)


def test_a_deeper_backbone_is_refused_though_it_has_all_tensors_of_this_one(tmp_path):
    path = save_tiny(tmp_path / "deep.safetensors", spec=spec("tsm", classes=6, depth=34))
    with pytest.raises(CheckpointError, match="deep has other layers"):
        begin(fresh("tsm"), str(path), labels=LABELS)


@pytest.mark.parametrize("made", [Mine, Headless])
@pytest.mark.parametrize("labels", [LABELS, OTHERS])
@pytest.mark.usefixtures("own_table")
def test_a_network_of_ones_own_goes_on_and_its_classifier_with_its_classes(tmp_path, made, labels):
    register(made)
    of = replace(SPEC, classes=len(LABELS))
    path = save_tiny(tmp_path / "mine.safetensors", spec=of)
    torch.manual_seed(9)
    network = build(of)
    begin(network, str(path), labels=labels)
    source = load_model(path).network.state_dict()
    beginnings = architecture_of(of).backbone
    for name, tensor in network.state_dict().items():
        kept = name.startswith(beginnings) or labels == LABELS
        assert torch.equal(tensor, source[name]) == kept, name
