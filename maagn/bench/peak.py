"""How much memory one answer takes at most, in a process that does nothing else."""

import argparse
import resource
import subprocess
import sys
from pathlib import Path

from maagn.bench.subject import forward, noise, subject
from maagn.explain.report import explain

WORKS = ("forward", "explain")


def peak(work: str, *, short: bool) -> float:
    """Largest resident memory of a fresh process that does that once, in MB."""
    words = [sys.executable, "-m", "maagn.bench.peak", work, *(["--short"] if short else [])]
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def _largest() -> float:
    """Of this process, in MB; Linux tells it apart from the process that started this one."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        line = next(one for one in lines if one.startswith("VmHWM:"))
        return int(line.split()[1]) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # bytes on macOS


def main() -> None:
    """Do one work once, and print the memory."""
    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=WORKS)
    parser.add_argument("--short", action="store_true")
    asked = parser.parse_args()
    model, clip = subject("maagn", asked.short), noise()
    if asked.work == "explain":
        explain(model, clip)
    else:
        forward(model, clip)()
    print(_largest())


if __name__ == "__main__":
    main()
