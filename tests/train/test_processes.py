import os
import subprocess
import sys
from pathlib import Path

import torch

from maagn.checkpoint import load_model

ROOT = Path(__file__).parents[2]


def start(processes: int, out: Path) -> None:
    many = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    done = subprocess.run(
        [sys.executable, *many, "-m", "tests.train.two", str(out)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        timeout=280,  # of a machine that has other things to do
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_two_processes_give_the_gradients_and_weights_of_one(tmp_path):
    one, two = tmp_path / "one.safetensors", tmp_path / "two.safetensors"
    start(1, one)
    start(2, two)
    gradients = [torch.load(path.with_suffix(".gradients")) for path in (one, two)]
    weights = [load_model(path).network.state_dict() for path in (one, two)]
    for a, b in (gradients, weights):
        assert a.keys() == b.keys()
        for name, value in a.items():
            torch.testing.assert_close(value, b[name], rtol=0, atol=1e-6, msg=name)
    assert any(float(value.abs().max()) > 1e-3 for value in gradients[0].values())
