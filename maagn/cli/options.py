"""Options that many commands share."""

from typing import Annotated

import typer

Device = Annotated[
    str | None,
    typer.Option(
        metavar="DEVICE",
        help="Where networks compute: cpu, cuda, cuda:1, mps or auto. Default: MAAGN_DEVICE, else "
        "auto: the GPU where there is one.",
    ),
]
