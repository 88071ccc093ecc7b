"""The library `transformers`, which builds two kinds of network here and is asked for nothing else.

It can fetch files; here it never does: networks are built from numbers, and the switches that keep
it and its hub off the network are set before it is imported, which is when it reads them.
"""

import os
from types import ModuleType

from maagn.errors import NetworkError

_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}


def transformers(title: str) -> ModuleType:
    """The library, to build the network called `title`.

    Raises:
        NetworkError: it is not installed.
    """
    from maagn.nn import torchvision_ops  # noqa: F401 - the library imports torchvision

    os.environ.update(_OFFLINE)
    try:
        import transformers as library
    except ImportError as error:
        raise NetworkError(
            f"{title} is built by the library transformers, which is not installed: "
            "pip install 'maagn[transformers]'."
        ) from error
    return library
