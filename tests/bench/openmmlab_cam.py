"""Grad-CAM of mmaction2's own utility on its TSM, in an environment of its own; nothing of ours.

`tests.bench.openmmlab` starts it with the path of a clip of uint8 [8, 224, 224, 3]; for every line
on its input it works once and prints the processor seconds that it took.
"""

import sys
import time
import types
import warnings

import numpy as np
import torch

warnings.filterwarnings("ignore")
# mmaction2 1.2.0 was packed without this module, and asks for it at import.
missing = types.ModuleType("mmaction.models.localizers.drn.drn")
missing.DRN = type("DRN", (), {})
sys.modules["mmaction.models.localizers.drn"] = types.ModuleType("mmaction.models.localizers.drn")
sys.modules["mmaction.models.localizers.drn.drn"] = missing

from mmaction.registry import MODELS  # noqa: E402
from mmaction.structures import ActionDataSample  # noqa: E402
from mmaction.utils import GradCAM, register_all_modules  # noqa: E402


def tsm() -> torch.nn.Module:
    """As configs/_base_/models/tsm_r50.py has it, with random weights and 174 classes."""
    register_all_modules()
    torch.manual_seed(0)
    backbone = {"type": "ResNetTSM", "depth": 50, "pretrained": None, "norm_eval": False}
    head = {"type": "TSMHead", "num_classes": 174, "in_channels": 2048, "is_shift": True}
    mean, deviation = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]
    made = {
        "type": "Recognizer2D",
        "backbone": backbone | {"shift_div": 8},
        "cls_head": head | {"consensus": {"type": "AvgConsensus", "dim": 1}},
        "data_preprocessor": {"type": "ActionDataPreprocessor", "mean": mean, "std": deviation},
    }
    return MODELS.build(made).eval()


def main() -> None:
    """Once for every line."""
    model = tsm()
    clip = torch.from_numpy(np.load(sys.argv[1])).permute(0, 3, 1, 2).contiguous()
    cam = GradCAM(model, "backbone/layer3")
    print("ready", flush=True)
    for _ in sys.stdin:
        begun = time.process_time()
        cam({"inputs": [clip], "data_samples": [ActionDataSample()]})
        print(time.process_time() - begun, flush=True)


if __name__ == "__main__":
    main()
