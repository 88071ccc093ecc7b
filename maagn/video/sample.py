"""Which frames of a clip a network sees."""

from dataclasses import astuple

import numpy as np
from jaxtyping import Int64

from maagn.config import SamplingSpec
from maagn.errors import TooFewFrames
from maagn.video.segments import places


def sample_positions(count: int, spec: SamplingSpec) -> Int64[np.ndarray, " t"]:
    """Places of the sampled frames among a clip's `count` frames, from 0; strictly increasing.

    For one clip of the whole video the middle frame of each of T equal segments (TSN):
    floor((2i + 1) * count / 2T); else see `maagn.video.segments.places`.

    Raises:
        TooFewFrames: the clip has fewer than T frames, so that one would have to be shown twice.
    """
    if count < spec.frames:
        raise TooFewFrames(
            f"The clip has {count} frame{'s' * (count != 1)}; "
            f"this network needs {spec.frames}: use a longer clip."
        )
    return np.array(places(count, astuple(spec)), dtype=np.int64)
