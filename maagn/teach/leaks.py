"""Do single pictures give the classes away? Readers that know nothing of order try to tell them.

They learn from the clips as they were filmed, without reversals, and are tested on left-out clips.
Heads that learn reversals too cannot use what a clip and its reversal share: each such picture was
shown to them under both classes.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from maagn.evaluate.intervals import share
from maagn.evaluate.leak import view
from maagn.teach.heads import Labelled, fit, taught_head
from maagn.teach.left_out import HeadInputs, parts
from maagn.teach.report import Leak, Reader

_PENALTY = 1e-3  # C: few clips of many pixels


def leaks(
    pictures: UInt8[np.ndarray, "n t h w 3"],
    tsn: HeadInputs | None,
    *,
    labels: Int64[np.ndarray, " n"],
    groups: Int64[np.ndarray, " n"],
    step: Callable[[int, int], None] = lambda _done, _of: None,
) -> tuple[Leak, ...]:
    """Every reader's figure.

    Args:
        pictures: small frames of each clip.
        tsn: what TSN's head reads of each clip; None where TSN is not taught.
        labels: number of each clip's class.
        groups: number of what each clip is left out with.
        step: told how many readers are done, and of how many; may raise, to stop.
    """
    views: dict[Reader, Float32[np.ndarray, "n _d"]] = {
        "first frame": view(pictures, "first frame"),
        "mean frame": view(pictures, "mean frame"),
    }
    if tsn is not None:
        views["TSN"] = tsn.values[:, 0]
    chance = float(np.bincount(labels).max() / len(labels))
    found = []
    for number, (reader, values) in enumerate(views.items()):
        step(number, len(views))
        said = _left_out(values, labels, groups, penalty=None if reader == "TSN" else _PENALTY)
        found.append(Leak(reader, share(said == labels), chance))
    return tuple(found)


def _left_out(
    values: Float32[np.ndarray, "n d"],
    labels: Int64[np.ndarray, " n"],
    groups: Int64[np.ndarray, " n"],
    *,
    penalty: float | None,
) -> Int64[np.ndarray, " n"]:
    """The class of each clip by a reader that was fitted without it; -1 where none could be."""
    everything = Labelled(values.astype(float), labels, groups)
    classes = int(labels.max()) + 1
    said = np.full(len(labels), -1)
    for learn, test in parts(labels, groups):
        known = everything.only(learn)
        if len(np.unique(known.labels)) < classes:
            continue
        head = (
            taught_head(known, classes=classes)
            if penalty is None
            else fit(known, classes=classes, strength=penalty)
        )
        said[test] = head.logits(everything.features[test]).argmax(axis=1)
    return said
