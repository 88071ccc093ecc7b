"""`maagn app`: the explorer, wherever it was installed and wherever one stands."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from maagn.cli.options import Device
from maagn.folders import SHIPPED

PASSED_ON = {"ignore_unknown_options": True}
"""How the command is registered: Streamlit's options are for Streamlit to understand."""


def serve(
    options: Annotated[
        list[str] | None, typer.Argument(help="Streamlit's options, e.g. --server.port 8600.")
    ] = None,
    clip: Annotated[list[Path] | None, typer.Option(help="Clip to open; repeatable.")] = None,
    folder: Annotated[
        list[Path] | None, typer.Option(help="Folder of clips to open; repeatable.")
    ] = None,
    device: Device = None,
) -> None:
    """Serve the explorer, at http://127.0.0.1:8501 by default."""
    words = [*(options or ()), "--", *(f"--clip={path}" for path in clip or ())]
    words += [f"--folder={path}" for path in folder or ()]
    words += [f"--device={device}"] * (device is not None)
    path = os.pathsep.join(filter(None, (str(SHIPPED), os.environ.get("PYTHONPATH"))))
    # -P: a file app.py in the folder that one stands in is not the explorer
    program = [sys.executable, "-P", "-m", "app", *words]
    os.execve(sys.executable, program, {**os.environ, "PYTHONPATH": path})
