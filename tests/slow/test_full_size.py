"""The logits of the libraries' own networks at full size, with the same random weights."""

import pytest
import torch

from maagn.nn.build import PRESETS, build
from maagn.nn.hugging_face import transformers
from maagn.nn.torchvision_ops import video_models
from tests.tiny import clip_tensor


def videomae():
    library = transformers("VideoMAE")
    return library.VideoMAEForVideoClassification(library.VideoMAEConfig(num_labels=174))


def vjepa2():
    library = transformers("V-JEPA 2")
    config = library.VJEPA2Config(frames_per_clip=16, num_labels=174)
    return library.VJEPA2ForVideoClassification(config)


def swin3d():
    return video_models().swin3d_t(weights=None)


@pytest.mark.parametrize(
    ("preset", "made", "side"),
    [
        ("swin3d-t-32f", swin3d, 224),
        ("videomae-b-16f", videomae, 224),
        ("vjepa2-l-16f", vjepa2, 256),
    ],
)
def test_the_logits_and_parameters_are_the_librarys(preset, made, side):
    torch.manual_seed(3)
    theirs = made().eval()
    x = clip_tensor(frames=PRESETS[preset].frames, size=side)
    with torch.no_grad():
        expected = theirs(x) if preset.startswith("swin") else theirs(x.transpose(1, 2)).logits
        state = {n: t for n, t in theirs.state_dict().items() if ".predictor." not in n}
        del theirs
        with torch.device("meta"):
            ours = build(PRESETS[preset]).eval()
        ours.load_state_dict(state, assign=True)
        found = ours(x)
    difference = ((found - expected).abs().max() / expected.abs().max()).item()
    print(f"{preset}: {difference:.1e} of the largest logit, deviation {expected.std():.2f}")
    assert difference < 1e-5
    assert expected.std() > 0.05
