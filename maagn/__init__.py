"""How a video network tells opposite actions apart: MAAGN, its baselines, and their explanation.

    clip = maagn.read_clip("door.mp4")
    model = maagn.load_model("maagn-demo")
    maagn.predict(model, clip).top(3)
    maagn.explain("maagn-demo", "door.mp4").figure()

Nothing heavy is imported before it is used, so that `import maagn.errors` does not load torch.
"""

import os
import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from maagn.adapter import adapt
    from maagn.api.ask import explain, models, predict, trace
    from maagn.api.folder import explain_folder, predict_folder
    from maagn.api.given import from_frames
    from maagn.api.report import Report, load_report
    from maagn.checkpoint import load_model
    from maagn.nn.check import check_network
    from maagn.nn.register import register_network
    from maagn.video.read import read_clip

# Before torch is loaded, which reads it then. Its threads otherwise wait for each other by turning
# round and round: with anything else on the same cores a forward took ten times as long.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

__all__ = [
    "Report",
    "adapt",
    "check_network",
    "explain",
    "explain_folder",
    "from_frames",
    "load_model",
    "load_report",
    "models",
    "predict",
    "predict_folder",
    "read_clip",
    "register_network",
    "trace",
]


class _Lazy:
    """A function, or class, that is imported when it is first asked for.

    A module's `__getattr__` would not do: importing `maagn.explain` makes the import system set the
    attribute `explain` to that package, and the function of the same name would be gone.
    """

    def __init__(self, home: str) -> None:
        self.home = home

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, module: ModuleType | None, owner: type) -> Any:  # noqa: ANN401 - any function
        return getattr(import_module(self.home), self.name)

    def __set__(self, module: ModuleType, value: Any) -> None:  # noqa: ANN401 - a submodule
        """Let a submodule of the same name pass by: `from maagn.inference import ...` finds it."""


class _Api(ModuleType):
    @property
    def __version__(self) -> str:
        """The version of the installed package."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("maagn")
        except PackageNotFoundError:  # run from the folder without having been installed
            return "not installed"

    Report = _Lazy("maagn.api.report")
    adapt = _Lazy("maagn.adapter")
    check_network = _Lazy("maagn.nn.check")
    explain = _Lazy("maagn.api.ask")
    explain_folder = _Lazy("maagn.api.folder")
    from_frames = _Lazy("maagn.api.given")
    load_model = _Lazy("maagn.checkpoint")
    load_report = _Lazy("maagn.api.report")
    models = _Lazy("maagn.api.ask")
    predict = _Lazy("maagn.api.ask")
    predict_folder = _Lazy("maagn.api.folder")
    read_clip = _Lazy("maagn.video.read")
    register_network = _Lazy("maagn.nn.register")
    trace = _Lazy("maagn.api.ask")


def __dir__() -> list[str]:
    return __all__


sys.modules[__name__].__class__ = _Api
