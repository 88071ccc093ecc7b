"""Two processes that torchrun starts do what one does, and end in order.

`make processes` runs it thirty times beside two busy loops.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from maagn.checkpoint import load_model

ROOT = Path(__file__).parents[2]
TIMES = int(os.environ.get("MAAGN_PROCESSES_TIMES", "1"))
LIMIT_SECONDS = 300 if TIMES == 1 else 900  # on a machine that has other things to do


@pytest.fixture(scope="module", autouse=True)
def load() -> Iterator[None]:
    """Two programs that want all the time there is, where the test is run many times."""
    busy = [sys.executable, "-c", "while True: pass"]
    loops = [subprocess.Popen(busy) for _ in range(2 if TIMES > 1 else 0)]
    yield
    for loop in loops:
        loop.kill()
        loop.wait()


def start(processes: int, out: Path) -> None:
    many = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    done = subprocess.run(
        [sys.executable, *many, "-m", "tests.train.two", str(out)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
        timeout=LIMIT_SECONDS,
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
    )
    said = f"{done.stdout[-4000:]}\n{done.stderr[-8000:]}"
    assert done.returncode == 0, f"{processes} processes ended with {done.returncode}:\n{said}"
    assert said.count("left: 0 threads") == processes, said


@pytest.mark.timeout(2 * LIMIT_SECONDS + 60)
@pytest.mark.parametrize("time", range(TIMES))
def test_two_processes_give_the_gradients_and_weights_of_one(tmp_path, time):  # noqa: ARG001
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
