"""A network that does not keep the contract is told so in one sentence, before anything uses it."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from maagn.errors import NetworkError
from maagn.nn.build import ARCHITECTURES, Architecture
from maagn.nn.check import check_architecture, check_network
from maagn.nn.taps import Stage, Tap
from tests.own_kind import SPEC, Mine, stages_of
from tests.tiny import network, spec

STAGES = stages_of(SPEC)


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_every_network_that_there_is_keeps_the_contract(arch):
    check_architecture(ARCHITECTURES[arch], spec(arch), side=32)
    check_network(network(spec(arch)), side=32)


def test_a_network_is_left_as_it_was():
    mine = Mine(SPEC).train()
    check_network(mine, STAGES, side=32)
    assert mine.training
    assert all(parameter.requires_grad for parameter in mine.parameters())


class NoTap(Mine):
    def __init__(self, of):
        super().__init__(of)
        self.backbone["res4_tap"] = nn.Identity()


class OtherTap(Mine):
    def forward_after(self, stage, feature):
        found = super().forward_after(stage, feature)
        return {number: x + 1 for number, x in found.items()}


class AroundTap(Mine):
    def __init__(self, of):
        super().__init__(of)
        self.backbone["res4_tap"] = nn.Identity()
        self.backbone["seen"] = nn.ModuleDict({"res4_tap": Tap()})

    def named_modules(self, *given, **named):
        for name, module in super().named_modules(*given, **named):
            yield name.replace("seen.res4_tap", "res4_tap"), module

    def forward_after(self, stage, feature):
        found = super().forward_after(stage, feature)
        if 4 in found:
            self.backbone["seen"]["res4_tap"](found[4].clone())
        return found


class ThreeStages(Mine):
    def forward_after(self, stage, feature):
        return {n: x for n, x in super().forward_after(stage, feature).items() if n > 2}


class ChannelsFirst(Mine):
    def forward_features(self, clip):
        return {n: x.transpose(1, 2) for n, x in super().forward_features(clip).items()}


class OtherForward(Mine):
    def forward(self, clip):
        return 2 * super().forward(clip)


class OtherVotes(Mine):
    def head_inputs(self, features):
        return (2 * super().head_inputs(features)[0],)

    def forward_head(self, features):
        return self.classify(super().head_inputs(features)[0])


class OtherAfter(Mine):
    def forward_after(self, stage, feature):
        return super().forward_after(stage, feature if stage < 4 else 2 * feature)


class Mixing(Mine):
    def forward_after(self, stage, feature):
        found = super().forward_after(stage, feature)
        return found | {5: self.backbone["res5_tap"](found[5] - found[5].mean(dim=0))}


class AnyFrames(Mine):
    def forward_features(self, clip):
        return self.forward_after(1, clip.transpose(1, 2))


class Breaking(Mine):
    def forward_head(self, features):
        return self.classify(features[5])


class InPlace(Mine):
    def forward_after(self, stage, feature):
        return super().forward_after(stage, feature.mul_(1))


class NoGradient(Mine):
    def forward_head(self, features):
        return super().forward_head({5: features[5].detach()})


class NoBias(Mine):
    def __init__(self, of):
        super().__init__(of)
        self.classify = nn.Linear(of.width * 2, of.classes, bias=False)


class Infinite(Mine):
    def __init__(self, of):
        super().__init__(of)
        nn.init.constant_(self.classify.bias, float("inf"))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (NoTap, "NoTap shows no tap called backbone.res4 its feature of stage 4"),
        (OtherTap, "tap backbone.res2 sees no feature of stage 2"),
        (AroundTap, "goes on from another tensor than the tap backbone.res4 gives"),
        (ThreeStages, r"features of stages \[3, 4, 5\], not of \[2, 3, 4, 5\]"),
        (ChannelsFirst, r"gives stage 2 the shape \(2, 4, 8, 16, 16\), not \(N, T', C, H, W\)"),
        (OtherForward, "forward is not forward_head of forward_features"),
        (OtherVotes, "the mean of the classifiers' logits is not the prediction"),
        (OtherAfter, "forward_after.4, .... gives another feature of stage 5"),
        (Mixing, "says something else of a clip where another is beside it"),
        (AnyFrames, "takes 16 frames without a word"),
        (Breaking, "cannot run forward on a clip of 2 x 3 x 8 x 32 x 32: "),
        (InPlace, "cannot run forward_after .*in-place"),
        (NoGradient, "has no gradient from its logits to stage 2"),
        (NoBias, "a classifier that is no nn.Linear with a bias"),
        (Infinite, "computes logits that are not finite"),
    ],
)
def test_what_is_otherwise_is_said(kind, words):
    torch.manual_seed(0)
    with pytest.raises(NetworkError, match=words) as told:
        check_network(kind(SPEC), STAGES, side=32)
    assert str(told.value).endswith(".")
    assert "\n" not in str(told.value)


def test_a_module_of_another_kind_is_refused():
    with pytest.raises(NetworkError, match="Linear is no subclass of"):
        check_network(nn.Linear(2, 2), STAGES)


def test_stages_that_say_other_frames_are_refused():
    wrong = (*STAGES[:3], Stage("backbone.res5", "Last", frames=3, rate=4))
    with pytest.raises(NetworkError, match=r"says that backbone.res5 has 3 frames"):
        check_network(Mine(SPEC), wrong, side=32)
    with pytest.raises(NetworkError, match=r"has stages .*res2, .*res3, .*res4, not"):
        check_network(Mine(SPEC), STAGES[:3], side=32)


class Unsaved(Mine):
    def __init__(self, of):
        super().__init__(of)
        self.register_buffer("scale", torch.ones(1), persistent=False)


class Twice(Mine):
    def __init__(self, of):
        super().__init__(of)
        self.again = self.classify


class OtherSpec(Mine):
    def __init__(self, of):
        super().__init__(of)
        self.spec = replace(of, depth=34)


class AskingValues(Mine):
    def __init__(self, of):
        super().__init__(of)
        self.number = self.classify.bias.sum().item()


@pytest.mark.parametrize(
    ("kind", "changes", "words"),
    [
        (Unsaved, {}, "does not save its buffer scale"),
        (Twice, {}, "has two names for one tensor"),
        (OtherSpec, {}, "keeps another spec than it is built from"),
        (AskingValues, {}, "cannot be built on PyTorch's meta device"),
        (Mine, {"backbone": ("stem.",)}, "no tensor whose name begins with stem"),
        (Mine, {"backbone": ("backbone.", "classify.")}, "classify.weight in its backbone"),
    ],
)
def test_a_kind_that_no_file_could_hold_is_refused(kind, changes, words):
    given = {"backbone": ("backbone.",)} | changes
    made = Architecture("Mine", "#123456", kind, stages_of, {"mine-small": SPEC}, **given)
    with pytest.raises(NetworkError, match=words):
        check_architecture(made, SPEC, side=32)


def test_a_spec_that_builds_nothing_is_said():
    made = Architecture("Mine", "#123456", Mine, stages_of, {"mine-small": SPEC})
    with pytest.raises(NetworkError, match=r"built from its spec: .*its option bins"):
        check_architecture(made, replace(SPEC, options=()), side=32)
