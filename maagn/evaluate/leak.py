"""Does anything but the order of frames tell opposites apart? A linear classifier tries to.

For each pair a logistic regression learns from small frames of the training split which of the two
classes a clip is. The test split's scenes are new to it, and each is shown as both members of its
pair: whatever is the same for both, it must get right exactly half of the time.

A clip that shows an action from its beginning cannot keep its first frame silent: what is about to
be opened is closed. A clip that is a loop, entered anywhere, can, and does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float, Float32, Int64, UInt8
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from maagn.evaluate.intervals import Share, share
from maagn.opposites.clip import OPPOSITES_PAIRS, draw_clip
from maagn.opposites.dataset import FRAMES, middle_times
from maagn.opposites.split import Split

Seen = Literal["first frame", "mean frame", "sorted frames"]
SEEN: tuple[Seen, ...] = ("first frame", "mean frame", "sorted frames")
_SIDE = 24
_REGULARISATION = 1e-3  # few clips of many pixels: strong


@dataclass(frozen=True)
class Leak:
    """What a classifier made of one view of the clips.

    Attributes:
        seen: what it was shown: the first of the frames that a network samples, the mean of all of
            them, or every pixel's values over time, sorted.
        within_pair: part of the test clips for which it chose the right one of the pair.
        pairs: the same, pair by pair, by the name of the forward class.
    """

    seen: Seen
    within_pair: Share
    pairs: dict[str, Share]


def leaks(
    *,
    train_scenes: int = 30,
    test_scenes: int = 15,
    split: Split = "test",
    frames: int = FRAMES,
    pairs: Sequence[int] = tuple(range(len(OPPOSITES_PAIRS))),
    side: int = _SIDE,
    looped: bool | None = None,
) -> list[Leak]:
    """Train and test on every view.

    Args:
        train_scenes: scenes of the training split a pair, shown as both members.
        test_scenes: scenes of `split` a pair, shown as both members.
        split: whose scenes are tested.
        frames: sampled of each clip, as a network's.
        pairs: numbers of the pairs.
        side: of the frames in pixels.
        looped: take loops alone, clips from the beginning alone, or both as they come.

    Returns:
        One leak a view, in the order of `SEEN`. An interval that leaves 50 % out is a leak.
    """
    right: dict[Seen, dict[str, Bool[np.ndarray, " n"]]] = {seen: {} for seen in SEEN}
    for pair in pairs:
        learn, taught = _clips(
            pair, "train", scenes=train_scenes, frames=frames, side=side, looped=looped
        )
        test, members = _clips(
            pair, split, scenes=test_scenes, frames=frames, side=side, looped=looped
        )
        for seen in SEEN:
            chosen = _classify(view(learn, seen), taught, view(test, seen))
            right[seen][OPPOSITES_PAIRS[pair][0]] = chosen == members
    return [
        Leak(
            seen=seen,
            within_pair=share(np.concatenate(list(hits.values()))),
            pairs={name: share(one) for name, one in hits.items()},
        )
        for seen, hits in right.items()
    ]


def view(clips: UInt8[np.ndarray, "n t h w 3"], seen: Seen) -> Float32[np.ndarray, "n _d"]:
    """What the classifier is shown of each clip, one row per clip, in [0, 1].

    The two views of all frames do not depend on their order, to the last bit.
    """
    match seen:
        case "first frame":
            shown = clips[:, 0].astype(np.float32)
        case "mean frame":
            shown = (clips.sum(axis=1, dtype=np.int64) / clips.shape[1]).astype(np.float32)
        case _:
            shown = np.sort(clips, axis=1).astype(np.float32)
    return shown.reshape(len(clips), -1) / 255


def _clips(
    pair: int, split: Split, *, scenes: int, frames: int, side: int, looped: bool | None
) -> tuple[UInt8[np.ndarray, "n t h w 3"], Int64[np.ndarray, " n"]]:
    """Every scene as the forward member of its pair, then as the backward one."""
    found = (draw_clip(2 * pair, split=split, index=index) for index in count())
    wanted = (clip for clip in found if looped is None or clip.pace.looped == looped)
    clips = [
        draw_clip(2 * pair + member, split=split, index=clip.index).render(
            middle_times(frames), size=side
        )
        for clip in islice(wanted, scenes)
        for member in (0, 1)
    ]
    return np.stack(clips), np.arange(len(clips), dtype=np.int64) % 2


def _classify(
    learn: Float[np.ndarray, "n d"], truth: Int64[np.ndarray, " n"], test: Float[np.ndarray, "m d"]
) -> Int64[np.ndarray, " m"]:
    model: Any = make_pipeline(
        StandardScaler(), LogisticRegression(C=_REGULARISATION, max_iter=300)
    )
    return model.fit(learn, truth).predict(test)
