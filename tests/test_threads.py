"""How PyTorch's threads wait for each other."""

import os
import subprocess
import sys

import pytest

LIBRARY = "import os, sys, maagn; print(os.environ['OMP_WAIT_POLICY'], 'torch' in sys.modules)"
APP = LIBRARY.replace("maagn", "app.server.imports")


def said(code: str, **environment: str) -> list[str]:
    around = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=around | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.parametrize("code", [LIBRARY, APP], ids=["library", "app"])
def test_they_sleep_meanwhile_and_are_told_so_before_torch_is_loaded(code):
    assert said(code) == ["passive", "False"]


def test_whoever_said_otherwise_is_heard():
    assert said(LIBRARY, OMP_WAIT_POLICY="active") == ["active", "False"]
