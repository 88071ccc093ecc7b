"""Memory is measured in a process that holds what is measured, and nothing else."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from maagn.bench import peak, topics

ROOT = Path(__file__).parents[2]
OTHERS = {"torchvision", "pytorch_grad_cam", "pandas", "sklearn", "pyarrow", "plotly"}
"""What other topics of the bench need, and a forward does not."""


def test_the_process_of_a_forward_imports_nothing_that_others_need(monkeypatch):
    """The memory of such libraries would be in both parts of the ratio, and blind it."""
    started = []
    monkeypatch.setattr(peak.subprocess, "run", lambda words, **_: started.append(words) or Printed)
    assert peak.peak("forward", short=True) == 1
    (words,) = started
    code = (
        "import runpy, sys; sys.argv = sys.argv[1:]; "
        "runpy.run_module(sys.argv[0], run_name='__main__'); print(*sys.modules)"
    )
    monkeypatch.undo()
    command = [sys.executable, "-c", code, *words[words.index("-m") + 1 :]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    megabytes, modules = done.stdout.splitlines()
    assert float(megabytes) > 0
    assert not OTHERS & set(modules.split())


def test_what_measures_brings_no_network():
    code = "import sys, maagn.bench.peak; print('torch' in sys.modules)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_topic_of_memory_starts_such_processes(monkeypatch):
    started = []
    monkeypatch.setattr(topics, "peak", lambda work, **_: started.append(work) or 2.0)
    assert [row.ratio for row in topics.memory(True)] == [1.0]
    assert started == list(peak.WORKS)


def test_most_memory_grows_by_what_is_held():
    before = peak.largest()
    held = np.ones(max(200, int(before)) * 125_000)  # of 8 bytes: more than any gap that was left
    assert peak.largest() >= held.nbytes / 1e6


class Printed:
    stdout = "1"
