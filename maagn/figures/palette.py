"""The one palette: a colour means a network, a module, or an amount, and never anything else.

The paper's networks and modules wear the Okabe-Ito colours, which stay apart for colour-blind eyes.
A network's colour is in its entry of `maagn.nn.build.ARCHITECTURES`.
"""

from typing import Final

import cv2
import numpy as np
from jaxtyping import UInt8

from maagn.nn.build import ARCHITECTURES

OTHER: Final = "#6B7280"
"""Of a network whose kind is not known, and of the second of two of one kind: no network's own."""
MODULES: Final = {"SDM": "#E69F00", "MTAM": "#56B4E9", "AGM": "#CC79A7"}

CIVIDIS: Final[UInt8[np.ndarray, "256 3"]] = cv2.applyColorMap(
    np.arange(256, dtype=np.uint8)[:, None], cv2.COLORMAP_CIVIDIS
)[:, 0, ::-1].copy()
"""Heat, from nothing (row 0) to the top of the scale (row 255); RGB in [0, 255].

Nunez, Anderton and Renslow 2018: lightness rises evenly, also for colour-blind eyes.
"""

SEQUENTIAL: Final = tuple(
    (row / 255, "#{:02X}{:02X}{:02X}".format(*CIVIDIS[row])) for row in range(0, 256, 15)
)
"""The same for charts, as (place in the range, colour)."""

DIVERGING: Final = (
    (0.0, "#2166AC"),
    (0.25, "#92C5DE"),
    (0.5, "#FFFFFF"),
    (0.75, "#FDB863"),
    (1.0, "#B35806"),
)
"""Signed amounts as (place in the range, colour): blue below zero, white at zero, orange above."""


def colour(key: str) -> str:
    """The colour of a network or module as `#RRGGBB`.

    Raises:
        ValueError: no network and no module has that name.
    """
    known = {one.title: one.colour for one in ARCHITECTURES.values()} | MODULES
    if key not in known:
        raise ValueError(f"a colour belongs to one of {', '.join(known)}, got {key!r}")
    return known[key]
