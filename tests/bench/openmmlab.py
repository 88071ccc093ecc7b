"""Our TSM with Grad-CAM beside mmaction2's with its own utility, which needs old packages.

So it is installed apart, and named:

    python3.11 -m venv /tmp/mmaction
    /tmp/mmaction/bin/pip install torch "numpy<2.3" "setuptools<81" mmengine mmcv-lite==2.1.0 \\
        "importlib_metadata<8" opencv-python-headless decord einops scipy pillow matplotlib
    /tmp/mmaction/bin/pip install --no-deps mmaction2==1.2.0
    python -m tests.bench.openmmlab /tmp/mmaction/bin/python --out docs/performance.json
"""

import argparse
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from maagn.bench.page import Table
from maagn.bench.row import Row, described, row
from maagn.bench.subject import noise, subject
from maagn.explain.cam import cam
from maagn.inference import prepare, trace

CHILD = Path(__file__).with_name("openmmlab_cam.py")


def beside(python: Path, rounds: int) -> Row:
    """Processor seconds of both, in turns, on the same pixels.

    Args:
        python: of the environment that has mmaction2.
        rounds: after one that does not count.
    """
    clip = noise()
    model = subject("tsm", short=False)
    taken: dict[str, list[float]] = {"TSM with Grad-CAM": [], "mmaction2's": []}
    with tempfile.TemporaryDirectory() as folder:
        pixels = Path(folder) / "clip.npy"
        np.save(pixels, prepare(model, clip).pictures)
        with subprocess.Popen(
            [python, CHILD, pixels],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            while child.stdout.readline() not in ("ready\n", ""):
                pass
            for _ in range(rounds + 1):
                begun = time.process_time()
                cam(model, trace(model, clip), 0, method="gradcam")
                taken["TSM with Grad-CAM"].append(time.process_time() - begun)
                print("once", file=child.stdin, flush=True)
                taken["mmaction2's"].append(float(child.stdout.readline()))
            child.stdin.close()
    counted = {name: seconds[1:] for name, seconds in taken.items()}
    found = row(
        "peers, mmaction2",
        "TSM with Grad-CAM / mmaction2's TSM with its own Grad-CAM utility, both at res4",
        counted,
        over=("TSM with Grad-CAM", "mmaction2's"),
        target=1.0,
    )
    return replace(found, unit="s of the processors")


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("python", type=Path, help="of an environment that has mmaction2")
    parser.add_argument("--out", type=Path, help="table to put the row into")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    table = Table(described(), (beside(given.python, given.rounds),))
    print(table.as_markdown())
    if given.out is not None:
        table.write(given.out)


if __name__ == "__main__":
    main()
