"""S3D, MViTv2 and Video Swin are torchvision's: the same logits, of the same weights."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from maagn.nn import mvit, s3d, swin3d
from maagn.nn.build import PRESETS, architecture_of, build
from maagn.nn.staged import STAGES
from maagn.nn.taps import record
from maagn.nn.torchvision_ops import video_models
from tests.tiny import clip_tensor, lively, network, spec

KINETICS = "KINETICS400_V1"
BUILDERS = {
    "s3d-64f": ("s3d", "S3D_Weights"),
    "mvit-v2-s-16f": ("mvit_v2_s", "MViT_V2_S_Weights"),
    "swin3d-t-32f": ("swin3d_t", "Swin3D_T_Weights"),
    "swin3d-s-32f": ("swin3d_s", "Swin3D_S_Weights"),
    "swin3d-b-32f": ("swin3d_b", "Swin3D_B_Weights"),
}
every_preset = pytest.mark.parametrize("preset", BUILDERS)


def weights_of(preset: str) -> object:
    return getattr(video_models(), BUILDERS[preset][1])[KINETICS]


# torchvision's S3D takes no smaller frames, and its MViT no others.
@pytest.mark.parametrize(
    ("preset", "frames", "side"),
    [("s3d-64f", 16, 224), ("mvit-v2-s-16f", 16, 224), ("swin3d-t-32f", 8, 72)],
)
def test_the_logits_are_torchvisions(preset, frames, side):
    torch.manual_seed(3)
    theirs = lively(getattr(video_models(), BUILDERS[preset][0])(weights=None)).eval()
    ours = build(replace(PRESETS[preset], frames=frames)).eval()
    state = theirs.state_dict()
    if preset == "s3d-64f":
        state["classifier.1.weight"] = state["classifier.1.weight"].flatten(1)
        for tensor in state.values():  # as drawn by torchvision, nothing comes through
            if tensor.dim() == 5:
                nn.init.kaiming_normal_(tensor)
    ours.load_state_dict(state)
    x = clip_tensor(frames=frames, size=side)
    with torch.no_grad():
        expected, found = theirs(x), ours(x)
    assert expected.std() > 1e-2
    difference = ((found - expected).abs().max() / expected.abs().max()).item()
    print(f"{preset}: {difference:.1e} of the largest logit, deviation {expected.std():.2f}")
    assert difference < 1e-5


@every_preset
def test_there_are_as_many_parameters_as_torchvision_counts(preset):
    with torch.device("meta"):
        made = build(PRESETS[preset])
    assert sum(p.numel() for p in made.parameters()) == weights_of(preset).meta["num_params"]


@every_preset
def test_pixels_are_prepared_as_torchvision_does(preset):
    wanted = weights_of(preset).transforms()
    transform = architecture_of(PRESETS[preset]).published[0].transform
    assert transform.mean == pytest.approx(tuple(wanted.mean))
    assert transform.std == pytest.approx(tuple(wanted.std))
    assert [transform.crop] * 2 == wanted.crop_size
    assert transform.resize == wanted.resize_size[0]


def seen_by(feature: Tensor, x: Tensor) -> tuple[int, int]:
    """The first and the last frame of a clip that a part of a feature depends on."""
    (slope,) = torch.autograd.grad(feature.sum(), x)
    frames = slope.abs().sum(dim=(0, 1, 3, 4)).nonzero().flatten()
    return int(frames[0]), int(frames[-1])


@pytest.mark.parametrize("number", STAGES)
def test_a_frame_of_s3d_is_centred_where_its_stage_says(number):
    """What it sees of the clip lies as far before that moment as after it."""
    made = network(spec("s3d", frames=128))
    stage = made_stages(s3d, made)[number]
    x = clip_tensor(frames=128).requires_grad_()
    index = 64 // stage.rate
    first, last = seen_by(made.forward_features(x)[number][:, index], x)
    assert 0 < first < last < 127
    assert first + last == 2 * (index * stage.rate + stage.offset)


def test_patches_are_centred_where_the_stages_say():
    """Behind them attention is of all frames."""
    x = clip_tensor(frames=8).requires_grad_()
    for module, arch in ((mvit, "mvit"), (swin3d, "swin3d")):
        made = network(spec(arch))
        for stage in made_stages(module, made).values():
            patches = made.conv_proj(x).transpose(1, 2) if arch == "mvit" else made.begin(x)
            first, last = seen_by(patches[:, 1], x)
            assert first + last == 2 * (stage.rate + stage.offset)


def made_stages(module: object, made: nn.Module) -> dict[int, object]:
    return dict(zip(STAGES, module.stages_of(made.spec), strict=True))


@pytest.mark.parametrize("arch", ["s3d", "mvit", "swin3d"])
def test_the_class_draws_on_every_token_of_every_stage(arch):
    made = network(spec(arch)).requires_grad_(False)
    with record(made) as taps:
        logits = made(clip_tensor(size=64))
    features = [taps[f"backbone.res{number}"] for number in STAGES]
    for slope in torch.autograd.grad(logits[0, 0], features):
        assert slope.abs().sum(dim=2).all()


def test_no_token_but_the_class_is_read_behind_mvits_last_block():
    """Which is why res5 is what goes into it."""
    made = network(spec("mvit"))
    features = made.forward_features(clip_tensor(size=64))
    tokens = mvit._with_class(features.class_token, features[5])
    tokens, _ = made.blocks[-1](tokens, (4, 2, 2))
    (slope,) = torch.autograd.grad(made.head(made.norm(tokens)[:, 0])[0, 0], tokens)
    assert slope[:, 0].any()
    assert not slope[:, 1:].any()


def test_titles_are_the_networks_own_words():
    titles = [stage.title for stage in mvit.stages_of(PRESETS["mvit-v2-s-16f"])]
    assert titles == ["Block 1", "Blocks 2 to 3", "Blocks 4 to 14", "Block 15"]
    titles = [stage.title for stage in swin3d.stages_of(PRESETS["swin3d-t-32f"])]
    assert titles == ["Stage 1", "Stage 2", "Stage 3", "Stage 4"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"arch": "s3d", "frames": 12}, "multiple of 8 frames, got 12"),
        ({"arch": "mvit", "depth": 5}, "6 blocks or more, got 5"),
        ({"arch": "swin3d", "frames": 7}, "even number of frames, got 7"),
        ({"arch": "swin3d", "depth": 6}, "got 6 and 32"),
        ({"arch": "swin3d", "width": 48}, "got 8 and 48"),
    ],
)
def test_numbers_that_make_no_network_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        build(spec(changes["arch"], **changes))
