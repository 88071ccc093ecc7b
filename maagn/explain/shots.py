"""Where a film's shots begin, found as its frames pass (`maagn.data.measure.cuts`)."""

import cv2
import numpy as np
from jaxtyping import UInt8

from maagn.data.measure import CELLS, STEP, cuts

_AROUND = 3  # frames before and after one that begins a shot, which decide on it
_TOGETHER = 256  # frames that are looked at in one go


class ShotFinder:
    """Is given the frames of a film one by one; keeps few of them, and very small."""

    def __init__(self) -> None:
        self._cells: list[UInt8[np.ndarray, "c c 3"]] = []
        self._seconds: list[float] = []
        self._found: list[float] = []
        self._decided = 0  # of the frames that are kept, the first ones

    def see(self, seconds: float, frame: UInt8[np.ndarray, "h w 3"]) -> None:
        """The next frame; those that follow another too soon are passed over."""
        if self._seconds and seconds - self._seconds[-1] < 0.95 * STEP:
            return
        self._cells.append(cv2.resize(frame, (CELLS, CELLS), interpolation=cv2.INTER_AREA))
        self._seconds.append(seconds)
        if len(self._seconds) == _TOGETHER:
            self._found += self._cuts(_TOGETHER - _AROUND)
            self._cells, self._seconds = self._cells[-2 * _AROUND :], self._seconds[-2 * _AROUND :]
            self._decided = _AROUND

    def cuts(self) -> tuple[float, ...]:
        """Where shots begin, in seconds, of what was seen; the film's own start is none."""
        return (*self._found, *self._cuts(len(self._seconds)))

    def _cuts(self, end: int) -> list[float]:
        if len(self._cells) < 2:
            return []
        places = cuts(np.stack(self._cells))
        return [self._seconds[place] for place in places if self._decided <= place < end]
