"""The modules of the network, in the order in which a clip meets them, and their code."""

import inspect
from collections.abc import Callable
from typing import Any

from maagn.nn.agm import AdaptiveGating, Gate
from maagn.nn.head import Head
from maagn.nn.maagn import MAAGN, Path
from maagn.nn.mtam import TemporalAttention
from maagn.nn.pyramid import Pyramid
from maagn.nn.resnet import Backbone, shift
from maagn.nn.sdm import SpatialDifference

MODULES: dict[str, Callable[..., Any]] = {
    "The whole network (Fig. 1)": MAAGN,
    "Backbone: one run for all paths": Backbone,
    "Temporal shift": shift,
    "One path (Table 3)": Path,
    "SDM (Eqs. 1 to 6, Table 4)": SpatialDifference,
    "MTAM (Eqs. 7 to 13, Table 5)": TemporalAttention,
    "The gate (Eq. 14)": Gate,
    "AGM (Eqs. 15 and 16)": AdaptiveGating,
    "TPN's pyramid": Pyramid,
    "A path's head": Head,
}


def source(thing: Callable[..., Any]) -> str:
    """Its code as it runs here; beartype's and torch's wrappers put aside."""
    return inspect.getsource(inspect.unwrap(thing))


def place(thing: Callable[..., Any]) -> str:
    """File and name, e.g. `maagn/nn/sdm.py: SpatialDifference`."""
    return f"{thing.__module__.replace('.', '/')}.py: {thing.__name__}"
