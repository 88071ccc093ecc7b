"""Released TPN weights fit: our tensors have the published ones' shapes, one for one."""

import json
from collections import Counter
from pathlib import Path

import pytest
import torch

from maagn.nn.build import PRESETS, build

LAYOUTS = Path(__file__).parents[3] / "shared" / "checkpoints"


@pytest.mark.parametrize(
    ("preset", "layout"),
    [
        ("tpn-r50-8f", "tpn_tsm_r50_decisionforce"),
        ("tpn-r50-8f", "tpn_tsm_r50_mmaction2"),
        ("tsm-r50-8f", "tsm_r50_decisionforce"),
        ("tsm-r50-8f", "tsm_r50_mmaction2"),
        ("tsm-r50-8f", "tsm_r50_mit"),
        ("tsn-r50-8f", "tsn_r50_mit"),
    ],
)
def test_shapes_are_the_published_ones(preset, layout):
    file = LAYOUTS / f"keys_{layout}.json"
    if not file.is_file():
        pytest.skip(f"the list of published tensors, {file.name}, is not beside this repository")
    published = json.loads(file.read_text(encoding="utf-8"))["keys"]
    with torch.device("meta"):
        state = build(PRESETS[preset]).state_dict()
    ours = Counter(tuple(tensor.shape) for tensor in state.values())
    theirs = Counter(tuple(entry["shape"]) for entry in published)
    assert ours == theirs
