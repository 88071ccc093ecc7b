"""No tensor of the CPU meets one of a GPU, where there is no GPU to see it on."""

import subprocess
import sys
from pathlib import Path

import pytest

PATHS = Path(__file__).with_name("paths.py")


@pytest.mark.timeout(1500)
def test_everything_that_a_network_is_asked_runs_on_a_device_of_its_own():
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(PATHS)]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
