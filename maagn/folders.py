"""Where things are found and kept; everything else asks this module.

In a clone of the project, both what came along and what people make lie in the clone. Installed,
what came along lies in `maagn_explorer/` beside this package, and nothing is written there: what
people make goes to their data folder. A variable of the environment names another place.
"""

import os
from pathlib import Path

from platformdirs import user_data_path

_HERE = Path(__file__).parents[1]
_INSTALLED = _HERE / "maagn_explorer"


def data_folder() -> Path:
    """The person's own, where their system keeps data: `~/.local/share/maagn` on Linux."""
    return user_data_path("maagn", appauthor=False)


def _kept(variable: str, path: str) -> Path:
    return Path(os.environ.get(variable) or _OWN / path)


def _networks() -> tuple[Path, ...]:
    """The person's and those that came along, which a clone has in one folder."""
    own = _kept("MAAGN_CHECKPOINTS", "checkpoints")
    if os.environ.get("MAAGN_CHECKPOINTS"):
        return (own,)
    return tuple(dict.fromkeys((own, SHIPPED / "checkpoints")))


SHIPPED = _INSTALLED if _INSTALLED.is_dir() else _HERE
"""What came along: `app/`, `pages/`, `checkpoints/` and `docs/paper.md`."""

START = "maagn app" if SHIPPED == _INSTALLED else "make app"
"""What a person types to start the explorer."""

_OWN = data_folder() if SHIPPED == _INSTALLED else _HERE

NETWORKS = _networks()
"""Where networks are looked for by name, and, in the first, written."""

RUNS = _kept("MAAGN_RUNS", "runs")
"""Where runs are looked for, in folders of folders."""

EVALUATIONS = _kept("MAAGN_EVALUATIONS", "runs/evaluations")
"""Where the runs lie that the app begins."""

DATASETS = _kept("MAAGN_DATASETS", "runs/datasets")
"""Where the lists of registered sets are kept."""

TAUGHT = _kept("MAAGN_TAUGHT", "runs/taught")
"""The app's collections of clips, and the networks that were taught from them."""
