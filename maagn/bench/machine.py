"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import torch

_PACKAGES = ("torch", "numpy", "opencv-python-headless", "grad-cam", "av", "decord", "streamlit")


def described() -> dict[str, str]:
    """Processor, threads, memory, GPU and versions, by name."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "processor": _processor(),
        "processors": str(os.cpu_count()),
        "threads of torch": str(torch.get_num_threads()),
        "memory": f"{memory:.0f} GB",
        "GPU": gpu,
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
    } | {name: version(name) for name in _PACKAGES}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
