"""MAAGN begun from a published file as it is: at first it answers as the published network does."""

import pytest
import torch

from maagn.config import ModelSpec
from maagn.errors import CheckpointError
from maagn.nn.build import PRESETS, build
from maagn.train.start import begin
from tests.published.layouts import Layout, logits, random_state
from tests.published.test_import import container
from tests.tiny import SPECS

CLASSES = 5
R50 = {"classes": CLASSES, "width": 64, "neck_width": 1024, "neck_groups": 32, "shift": True}


@pytest.mark.parametrize(
    ("source", "arch", "depth", "changes"),
    [
        ("mit-han-lab", "tsm", 18, {"votes": "own+last", "rates": (1, 1)}),
        ("mmaction2", "tsm", 18, {"votes": "own+last", "rates": (2, 1)}),
        ("decisionforce", "tsm", 18, {"votes": "own+last", "shift_downsample": True}),
        ("decisionforce", "tpn", 50, {"votes": "own+levels", "shift_downsample": True}),
        ("mmaction2", "tpn", 50, {"votes": "own+levels"}),
    ],
)
def test_maagn_answers_at_first_as_the_published_network(source, arch, depth, changes, tmp_path):
    layout = Layout(source, arch=arch, depth=depth)
    state = random_state(layout, classes=CLASSES)
    clip = torch.rand(8, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1
    expected = logits(layout, state, clip)
    file = tmp_path / "published.pth.tar"
    torch.save(container(source, dict(state)), file)
    torch.manual_seed(2)
    of = {"depth": depth, "levels": (4, 5), "rates": (1, 1)} | R50 | changes
    network = build(ModelSpec("maagn", **of)).eval()
    begun = begin(network, str(file))
    assert begun.silent
    assert "published.pth.tar does not name its 5 classes" in begun.told[2]
    with torch.no_grad():
        found = network(clip.transpose(0, 1)[None])[0].double()
    assert (found - expected).abs().max() < 1e-4 * expected.abs().max()


def test_a_published_file_says_what_is_missing(tmp_path):
    layout = Layout("decisionforce", arch="tsm", depth=18)
    torch.save(random_state(layout, classes=CLASSES), tmp_path / "tsm.pth")
    network = build(ModelSpec("maagn", **{"depth": 18, **R50}))
    assert begin(network, str(tmp_path / "tsm.pth")).told[-1] == (
        "It would begin with the answers of tsm.pth with --set shift_downsample=true "
        "--set votes=own+last --set rates=1,2,1"
    )


def test_a_file_of_nobody_that_is_known_is_refused(tmp_path):
    torch.save({"encoder.0.weight": torch.zeros(2, 2)}, tmp_path / "other.pth")
    with pytest.raises(CheckpointError, match="has no names of mit-han-lab"):
        begin(build(SPECS["maagn"]), str(tmp_path / "other.pth"))


def test_a_published_network_of_another_depth_is_refused(tmp_path):
    layout = Layout("mit-han-lab", arch="tsm", depth=18)
    torch.save(random_state(layout, classes=CLASSES), tmp_path / "tsm.pth")
    with torch.device("meta"):
        network = build(PRESETS["maagn-r50-8f"])
    with pytest.raises(CheckpointError, match=r"tsm\.pth has other layers"):
        begin(network, str(tmp_path / "tsm.pth"))
