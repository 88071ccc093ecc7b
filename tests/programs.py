"""Programs that are no Python packages: a test is left out without one, but where all are required.

`make test` and CI require them wherever they could be installed: MAAGN_PROGRAMS=required.
"""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

_FOLDERS = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
_POSTGRES = Path("/usr/lib/postgresql")  # Debian's, a folder a version


def program(name: str) -> str:
    """Where it is; without it the test is left out, or fails where it is required."""
    path = shutil.which(name) or shutil.which(name, path=_FOLDERS) or _of_postgres(name)
    return path or missing(name)


def missing(name: str) -> NoReturn:
    """Leave the test out, or fail where programs are required."""
    if os.environ.get("MAAGN_PROGRAMS") == "required":
        pytest.fail(f"{name} is required and not here: `make programs` as root")
    pytest.skip(f"no {name} here: `make programs` as root installs it")


def _of_postgres(name: str) -> str | None:
    versions = sorted(_POSTGRES.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    return str(versions[-1]) if versions else None
