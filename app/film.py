"""A clip of the benchmark as a small moving picture that any browser loops by itself."""

import io

from PIL import Image

from app.selection import ClipChoice
from maagn.opposites.clip import draw_clip
from maagn.opposites.dataset import middle_times

_SIDE = 144
_FRAMES = 8
_MILLISECONDS = 300


def film(choice: ClipChoice) -> bytes:
    """The frames that networks sample, as an animated WebP."""
    assert choice.drawn is not None
    label, index = choice.drawn
    frames = draw_clip(label, split=choice.split, index=index).render(
        middle_times(_FRAMES), size=_SIDE
    )
    first, *rest = (Image.fromarray(frame) for frame in frames)
    file = io.BytesIO()
    first.save(
        file, "WEBP", save_all=True, append_images=rest, duration=_MILLISECONDS, loop=0, quality=80
    )
    return file.getvalue()
