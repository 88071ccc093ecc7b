"""What can be trained on: anything that hands out clips by number."""

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import UInt8


@runtime_checkable
class ClipSet(Protocol):
    """Clips of a split with their classes.

    Attributes:
        labels: class names in the order of the class numbers.
        epoch: which pass over the data this is; a set that draws at random draws anew in each.
    """

    labels: tuple[str, ...]
    epoch: int

    def __len__(self) -> int:
        """Number of clips."""

    def get(self, index: int) -> tuple[UInt8[np.ndarray, "t h w 3"], int]:
        """Frames, RGB in [0, 255], and the class number of a clip; the same every time it is asked.

        Raises:
            IndexError: the index is not in [0, len).
        """
