"""What networks see of a video of a set, whether it is a file or drawn: once for all of them."""

from collections.abc import Collection

import numpy as np

from maagn.config import Look
from maagn.data.read import read_video
from maagn.data.videos import Video
from maagn.types import Clip
from maagn.video.transform import from_frames
from maagn.video.views import ViewSpec


def read_clips(
    video: Video, looks: Collection[Look], *, views: ViewSpec | None = None
) -> dict[Look, Clip]:
    """The frames that each look needs.

    A file is read once, for all looks. What is drawn has no frames of its own: it is drawn once for
    each number of frames and each side in pixels.

    Args:
        video: of a set.
        looks: of the networks.
        views: how often each network sees it; None for once.

    Raises:
        ClipError: the video cannot be read, or is too short.
    """
    if video.draw is None:
        views = views or ViewSpec()
        samplings = {each for sampling, _ in looks for each in views.samplings(sampling)}
        return dict.fromkeys(looks, read_video(video, samplings=sorted(samplings)))
    sizes = {look: (look[0].frames, look[1].resize) for look in looks}
    drawn = {
        (frames, side): from_frames(
            video.draw(frames, side), seconds=np.arange(frames, dtype=float), name=video.id
        )
        for frames, side in set(sizes.values())
    }
    return {look: drawn[size] for look, size in sizes.items()}
