"""The decoding worker's entrance: `python -I maagn/video/decoder/__main__.py`, a request on stdin.

One JSON line comes in; one header and raw frames go out (`maagn.video.decoder.wire`), or with the
argument `stills` small pictures (`maagn.video.decoder.stills`); then it ends.
"""

import sys
from pathlib import Path
from types import ModuleType


def _name_packages_without_running_them() -> None:
    """Make `maagn.video.decoder` importable without `maagn/__init__`, which costs seconds."""
    root = Path(__file__).resolve().parents[2]
    for name, folder in (("maagn", root), ("maagn.video", root / "video")):
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package


if __name__ == "__main__":
    _name_packages_without_running_them()
    if sys.argv[1:] == ["stills"]:
        from maagn.video.decoder.stills import serve_stills

        serve_stills()
    else:
        from maagn.video.decoder.serve import serve

        serve()
