"""The decoding worker's entrance: `python -I maagn/video/decoder/__main__.py KIND PARENT`.

KIND is the reader, `pyav`, `decord` or `pillow`: for every JSON line on stdin, one header and raw
frames go out (`maagn.video.decoder.protocol`), until stdin ends. Or it is `stills`: one line, then
small pictures (`maagn.video.decoder.stills`); or `every-frame`: one line, then all frames of a file
(`maagn.video.decoder.every_frame`). PARENT is the process id of who started it.
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
    from maagn.video.decoder.confine import confine

    kind, parent = sys.argv[1:]
    confine(parent=int(parent))
    if kind == "stills":
        from maagn.video.decoder.stills import serve_stills

        serve_stills()
    elif kind == "every-frame":
        from maagn.video.decoder.every_frame import serve_every_frame

        serve_every_frame()
    else:
        from maagn.video.decoder.serve import serve

        serve()
