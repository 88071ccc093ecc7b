"""Let torchvision load beside a CPU build of torch.

torchvision's wheel for CUDA does not load its compiled operators beside a CPU build of torch, and
`import torchvision` then stops with "operator torchvision::nms does not exist", because it
describes those operators to torch as it is imported. Declaring the two schemas first is enough for
pytorch-grad-cam and for networks of videos, which call neither. Where torchvision loads by itself
nothing is declared.
"""

from types import ModuleType

import torch

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_library: torch.library.Library | None = None  # keeps the declarations alive


def declare() -> None:
    """Import torchvision, declaring `nms` and `qnms` first if it cannot be imported as it is.

    The failed first import leaves half-initialised modules behind; importing again finds them
    and goes on, which is why the check is on the operator and not on the import.
    """
    global _library
    try:
        import torchvision  # noqa: F401
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        _library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
        for name in ("nms", "qnms"):
            _library.define(name + _SCHEMA)  # type: ignore[no-untyped-call]


declare()


def video_models() -> ModuleType:
    """`torchvision.models.video`."""
    from torchvision.models import video

    return video
