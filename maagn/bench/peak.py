"""How much memory a process holds at most; one that explains a clip or runs a forward, and no more.

What is measured is imported by `main` alone, so that asking how much memory a process holds brings
no network into it.
"""

import argparse
import resource
import subprocess
import sys
from pathlib import Path

WORKS = ("forward", "explain")


def peak(work: str, *, short: bool) -> float:
    """Largest resident memory of a fresh process that does that once, in MB."""
    words = [sys.executable, "-m", "maagn.bench.peak", work, *(["--short"] if short else [])]
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def largest() -> float:
    """Most memory that this process held so far, in megabytes of 10^6 bytes.

    Linux tells it apart from the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="utf-8").splitlines()
        line = next(line for line in lines if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6  # it says kB, and means 1024 bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # bytes on macOS


def main() -> None:
    """Run one workload once, and print the process's peak memory in MB."""
    from maagn.bench.subject import forward, noise, subject
    from maagn.explain.report import explain

    parser = argparse.ArgumentParser()
    parser.add_argument("work", choices=WORKS)
    parser.add_argument("--short", action="store_true")
    asked = parser.parse_args()
    model, clip = subject("maagn", asked.short), noise()
    if asked.work == "explain":
        explain(model, clip)
    else:
        forward(model, clip)()
    print(largest())


if __name__ == "__main__":
    main()
