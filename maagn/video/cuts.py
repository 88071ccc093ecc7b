"""Cuts in a film: moments at which something else is shown from one frame to the next.

A frame comes after a cut where it differs from the one before in its places and in its colours
alike, far more than frames around it do, and where no frame shortly before looks like one shortly
after. What moves fast changes places and keeps colours, and goes on for several frames; after a
flash, what was there before is there again. A dissolve or a fade is no cut: it takes many frames.
"""

from collections import deque
from dataclasses import dataclass, replace
from statistics import median

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

_CELLS = 16  # along each side of a picture that is compared
_BINS = 8  # of each of red, green and blue
_LEAST = 0.2  # of [0, 1]: no smaller difference is a cut
_TIMES = 2.5  # as large as the median of those around it a cut's difference is at least
_AROUND = 12  # frames on each side that it is compared with
_NEAR = 3  # frames on each side of a cut with smaller changes; there are several in a quick fade
_ALONE = 1.5  # as large as all of those but one it is at least
_SHORTLY = 6  # frames on each side of a cut, none of which look alike
_UNLIKE = 0.4  # of a cut's difference, at least, is between any two of them


@dataclass(frozen=True, eq=False)
class _Look:
    """What is compared of a picture: where what colour is, and how much of each there is."""

    second: float
    cells: Float32[np.ndarray, "16 16 3"]
    colours: Float32[np.ndarray, " 512"]
    change: float  # from the one before

    def unlike(self, other: "_Look") -> float:
        """In [0, 1]: the geometric mean of both differences, so that a cut needs both."""
        places = float(np.abs(self.cells - other.cells).mean())
        colours = float(np.abs(self.colours - other.colours).sum()) / 2
        return (places * colours) ** 0.5


class CutFinder:
    """Finds the cuts in frames that come one by one; looks of a few dozen are kept."""

    def __init__(self) -> None:
        self._cuts: list[float] = []
        self._looks: deque[_Look] = deque(maxlen=2 * _AROUND + 1)
        self._undecided = 0  # of the last ones

    def see(self, second: float, picture: UInt8[np.ndarray, "h w 3"]) -> None:
        """Look at the next frame.

        Args:
            second: its time.
            picture: RGB; small ones will do.
        """
        small = cv2.resize(picture, (4 * _CELLS, 4 * _CELLS), interpolation=cv2.INTER_AREA)
        cells = cv2.resize(small, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
        counts = cv2.calcHist([small], [0, 1, 2], None, [_BINS] * 3, [0, 256] * 3).ravel()
        look = _Look(second, cells.astype(np.float32) / 255, counts / counts.sum(), 0.0)
        if self._looks:
            look = replace(look, change=look.unlike(self._looks[-1]))
        self._looks.append(look)
        self._undecided += 1
        if self._undecided > _AROUND:
            self._decide()

    def end(self) -> tuple[float, ...]:
        """After the last frame: times of the frames that come after a cut, increasing."""
        while self._undecided:
            self._decide()
        return tuple(self._cuts)

    def _decide(self) -> None:
        """Whether the first frame that is not decided about comes after a cut."""
        looks = list(self._looks)
        at = len(looks) - self._undecided
        self._undecided -= 1
        if self._is_cut(looks, max(at - _AROUND, 0), at):
            self._cuts.append(looks[at].second)

    @staticmethod
    def _is_cut(looks: list[_Look], first: int, at: int) -> bool:
        change = looks[at].change
        if change < _LEAST:
            return False
        around = [look.change for look in (*looks[first:at], *looks[at + 1 : at + 1 + _AROUND])]
        near = sorted(look.change for look in looks[max(0, at - _NEAR) : at + _NEAR + 1])
        if change < near[-1] or change < _ALONE * near[-3:][0] or change < _TIMES * median(around):
            return False
        before, after = looks[max(0, at - _SHORTLY) : at], looks[at : at + _SHORTLY]
        return all(one.unlike(other) >= _UNLIKE * change for one in before for other in after)
