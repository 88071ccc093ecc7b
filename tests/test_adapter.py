"""Any module with four stages is explained, and as the library would explain it by hooks."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn

import maagn
from maagn.adapter import adapt
from maagn.checkpoint import save_model
from maagn.errors import ModelError, NetworkError, TeachError
from maagn.explain.cam import cam, weighting_of
from maagn.explain.randomised import randomised
from maagn.figures.palette import colour
from maagn.inference import forward_clips, trace
from maagn.nn.build import ARCHITECTURES
from maagn.nn.macs import macs_of
from maagn.teach.teach import teach
from tests.explain.test_cam_library import as_the_library_scales
from tests.teach.squares import drawn
from tests.tiny import lively, make_clip

from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget  # isort: skip
from torchvision.models.video import r3d_18  # isort: skip

CLASSES = 7
SEEN = {"frames": 8, "size": 32, "mean": (0.4, 0.4, 0.4), "std": (0.2, 0.2, 0.2)}


@pytest.fixture(scope="module")
def r3d():
    torch.manual_seed(2)
    return lively(r3d_18(num_classes=CLASSES)).eval()


def adapted(net, **changes):
    given = {
        "stem": net.stem,
        "stages": (net.layer1, net.layer2, net.layer3, net.layer4),
        "head": nn.Sequential(net.avgpool, nn.Flatten(), net.fc),
        "labels": [f"Thing {number}" for number in range(CLASSES)],
        "name": "R3D-18",
    }
    return adapt(net, **SEEN | given | changes)


@pytest.fixture(scope="module")
def model(r3d):
    before = dict(ARCHITECTURES)
    yield adapted(r3d)
    ARCHITECTURES.clear()
    ARCHITECTURES.update(before)


@pytest.mark.parametrize("method", ["hirescam", "gradcam"])
@pytest.mark.parametrize("stage", [2, 3, 4, 5])
def test_its_maps_are_those_of_the_library_with_hooks(r3d, model, method, stage):
    run = trace(model, make_clip())
    ours = cam(model, run, 3, method=method, layer=f"backbone.res{stage}", pooling="clip").values
    layer = getattr(r3d, f"layer{stage - 1}")
    with weighting_of(method)(model=r3d, target_layers=[layer]) as library:
        theirs = library(input_tensor=run.clip.data, targets=[ClassifierOutputTarget(3)])
    scaled = as_the_library_scales(ours, run.clip.data, pooling="clip")
    np.testing.assert_allclose(scaled, theirs, rtol=0, atol=1e-5)
    assert theirs.max() > 0.9


def test_it_answers_as_the_module_does(r3d, model):
    report = maagn.explain(model, make_clip(), layer="backbone.res5")
    with torch.no_grad():
        expected = r3d(report.inputs.data)[0].numpy()
    np.testing.assert_allclose(report.prediction.logits, expected, rtol=1e-5, atol=1e-6)
    assert report.cam.values.shape == (1, 2, 2)
    assert [stage.frames for stage in model.stages] == [8, 4, 2, 1]
    assert report.model.architecture.title == "R3D-18"
    assert colour("R3D-18") == report.model.architecture.colour
    assert report.as_dict()["paths"] == []


@pytest.mark.usefixtures("own_table")
def test_the_module_is_left_as_it_was(r3d):
    net = deepcopy(r3d).train()
    model = adapted(net)
    assert net.training
    assert all(parameter.requires_grad for parameter in net.parameters())
    before = maagn.predict(model, make_clip()).logits
    nn.init.zeros_(net.fc.weight)
    np.testing.assert_array_equal(maagn.predict(model, make_clip()).logits, before)


@pytest.mark.usefixtures("own_table")
def test_the_digest_is_of_weights_and_settings(r3d, model):
    assert adapted(r3d).digest == model.digest
    assert adapted(r3d, size=48).digest != model.digest
    other = deepcopy(r3d)
    with torch.no_grad():
        other.fc.bias[0] += 1
    assert adapted(other).digest != model.digest
    kinds = [one for one in ARCHITECTURES.values() if one.title == "R3D-18"]
    assert len(kinds) == 3
    assert len({one.colour for one in kinds}) == 1


def test_its_cost_is_counted_and_fresh_weights_are_drawn(model):
    assert macs_of(model.spec, side=32) > 1e8
    assert forward_clips(model) == 16
    one, again, other = (randomised(model, seed=seed).network for seed in (1, 1, 2))
    weight, running = "stages.2.0.conv1.0.weight", "stages.2.0.conv1.1.running_mean"
    assert torch.equal(one.state_dict()[weight], again.state_dict()[weight])
    assert not torch.equal(one.state_dict()[weight], other.state_dict()[weight])
    assert not torch.equal(one.state_dict()[weight], model.network.state_dict()[weight])
    assert not one.state_dict()[running].any()  # as before training
    assert model.network.state_dict()[running].any()


@pytest.mark.usefixtures("own_table")
def test_what_fresh_weights_cannot_be_drawn_for_is_said(r3d):
    class Scaled(nn.Sequential):
        def __init__(self, layer):
            super().__init__(layer)
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, x):
            return super().forward(x) * self.scale

    net = deepcopy(r3d)
    net.layer2 = Scaled(net.layer2)
    model = adapted(net)
    assert macs_of(model.spec, side=32) > 0
    with pytest.raises(NetworkError, match="No fresh weights can be drawn for Scaled"):
        randomised(model)


def test_no_file_holds_it_and_it_is_not_taught(model, tmp_path):
    with pytest.raises(ModelError, match="No file can hold an adapted network"):
        save_model(
            tmp_path / "one.safetensors",
            model.network,
            labels=model.labels,
            transform=model.transform,
            provenance=model.provenance,
        )
    with pytest.raises(TeachError, match="R3D-18 is adapted: register its kind"):
        teach(drawn(), [model], tmp_path, features=tmp_path, folder=tmp_path)


@pytest.mark.usefixtures("own_table")
def test_a_head_of_any_kind_has_no_classifier(r3d, model):
    net = deepcopy(r3d)
    net.fc = nn.Sequential(net.fc, nn.Tanh())
    other = adapted(net)
    assert other.network.classifiers == ()
    assert model.network.classifiers[0].weight.shape == (CLASSES, 512)
    assert maagn.explain(other, make_clip()).cam.values.any()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"labels": ["a", "b"]}, r"R3D-18 gives logits of the shape \(2, 7\), not \(2, 2\)"),
        ({"stages": ()}, "needs four stages, got 0"),
        ({"name": "maagn"}, "a network called maagn already"),
        ({"stem": nn.Identity()}, "R3D-18 has parts that do not go together"),
        ({"takes": "n t c h w"}, "cannot run on 8 frames of 32 x 32 pixels"),
        ({"gives": "(n t) c h w"}, "A part gives the shape"),
        ({"gives": "n (t h w) c"}, "does not show the rates: give them"),
        ({"rates": (1, 2, 4, 4)}, "A part gives the shape .*t = 2"),
    ],
)
def test_parts_that_do_not_fit_are_refused(r3d, changes, words):
    before = dict(ARCHITECTURES)
    with pytest.raises(NetworkError, match=words):
        adapted(r3d, **changes)
    assert before == ARCHITECTURES


def test_parts_that_compute_something_else_are_refused(r3d):
    head = nn.Sequential(nn.AdaptiveMaxPool3d(1), nn.Flatten(), r3d.fc)
    with pytest.raises(NetworkError, match="The parts of R3D-18 compute something else"):
        adapted(r3d, head=head)


class Pictures(nn.Module):
    """A network of pictures: frames are a part of the batch until the logits' mean."""

    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleList(
            nn.Sequential(nn.Conv2d(inputs, 6, 3, stride=2, padding=1), nn.Sigmoid())
            for inputs in (3, 6, 6, 6)
        )
        self.head = Mean()

    def forward(self, frames):
        for stage in self.stages:
            frames = stage(frames)
        return self.head(frames)


class Mean(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(6, CLASSES)

    def forward(self, x):
        return self.linear(x.mean(dim=(2, 3))).unflatten(0, (-1, 8)).mean(dim=1)


class Tokens(nn.Module):
    """A network of tokens of 2 frames and 8 x 8 places, which takes frames before channels."""

    def __init__(self):
        super().__init__()
        self.cut = nn.Conv3d(3, 6, (2, 8, 8), (2, 8, 8))
        self.place = nn.Parameter(torch.randn(4 * 16, 6))
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(6, 2, 12, batch_first=True) for _ in range(4)
        )
        self.head = nn.Sequential(Average(), nn.Linear(6, CLASSES))

    def stem(self, clip):
        return self.cut(clip.transpose(1, 2)).flatten(2).transpose(1, 2) + self.place

    def forward(self, clip):
        x = self.stem(clip)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


class Average(nn.Module):
    def forward(self, x):
        return x.mean(dim=1)


class Stem(nn.Module):
    def __init__(self, of):
        super().__init__()
        self.cut, self.place = of.cut, of.place

    forward = Tokens.stem


LABELS = [f"Thing {number}" for number in range(CLASSES)]


@pytest.mark.usefixtures("own_table")
def test_a_network_of_pictures_is_adapted():
    torch.manual_seed(0)
    net = Pictures()
    model = adapt(
        net,
        stem=nn.Identity(),
        stages=tuple(net.stages),
        head=net.head,
        labels=LABELS,
        takes="(n t) c h w",
        gives="(n t) c h w",
        **SEEN,
    )
    report = maagn.explain(model, make_clip())
    assert report.cam.values.shape == (8, 4, 4)
    assert report.model.name == "Pictures"


@pytest.mark.usefixtures("own_table")
def test_a_network_of_tokens_is_adapted():
    torch.manual_seed(0)
    net = Tokens()
    model = adapt(
        net,
        stem=Stem(net),
        stages=tuple(net.blocks),
        head=net.head,
        labels=LABELS,
        takes="n t c h w",
        gives="n (t h w) c",
        rates=(2, 2, 2, 2),
        offset=0.5,
        **SEEN,
    )
    report = maagn.explain(model, make_clip(), layer="backbone.res2")
    times = report.inputs.seconds.reshape(4, 2).mean(axis=1)
    np.testing.assert_allclose(report.cam.seconds, times)
    assert report.cam.values.shape == (4, 4, 4)
    assert len(model.network.classifiers) == 1
