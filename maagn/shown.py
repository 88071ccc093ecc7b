"""How values show themselves at a prompt and in a notebook: a few lines, or frames in a row."""

import base64
import html
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from jaxtyping import UInt8

_MOST = 8  # frames of a strip
_HEIGHT = 96  # pixels
_QUALITY = 80  # of a JPEG; a strip has about 30 kB
_LONGEST = 80  # letters of a name at a prompt


def percent(probability: float) -> str:
    """A probability as people read it, with two or three digits; never a false 0 or 100."""
    if probability < 0.001:
        return "under 0.1 %"
    if probability > 0.9994:
        return "over 99.9 %"
    digits = 1 if probability < 0.0995 or probability > 0.9949 else 0
    return f"{100 * probability:.{digits}f} %"


def shortened(name: str) -> str:
    """A name in one line of at most 80 letters."""
    line = " ".join(name.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def plural(number: int, one: str, more: str = "") -> str:
    """`1 frame`, `8 frames`, `2,040 clips`; `more` where the plural is not in -s."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def spread(values: np.ndarray) -> str:
    """The least and the greatest of some numbers, with three digits."""
    if not values.size:
        return "nothing"
    low, high = float(values.min()), float(values.max())
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"


def strip_html(
    said: str,
    pictures: UInt8[np.ndarray, "t h w 3"],
    captions: Sequence[str],
) -> str:
    """Words, and under them frames in a row, as HTML without scripts that has all in itself.

    It sets no colours, so that it can be read on dark ground as on bright.

    Args:
        said: the words, plain text; the first line is set in bold.
        pictures: RGB in [0, 255]; of many, eight evenly.
        captions: plain text, one a picture.
    """
    title, *lines = said.splitlines()
    words = "".join(f"<br>{html.escape(line.strip())}" for line in lines)
    chosen = np.unique(np.linspace(0, len(pictures) - 1, min(_MOST, len(pictures))).astype(int))
    frames = "".join(_figure(pictures[index], captions[index]) for index in chosen)
    return (
        f"<div><p><b>{html.escape(title)}</b>{words}</p>"
        f'<div style="display:flex;gap:4px;overflow-x:auto">{frames}</div></div>'
    )


def _figure(picture: UInt8[np.ndarray, "h w 3"], caption: str) -> str:
    from PIL import Image  # who shows nothing does not wait for it

    high, wide = picture.shape[:2]
    image = Image.fromarray(picture)
    image = image.resize((max(1, round(wide * _HEIGHT / high)), _HEIGHT), Image.Resampling.BOX)
    content = BytesIO()
    image.save(content, "JPEG", quality=_QUALITY)
    data = base64.b64encode(content.getvalue()).decode()
    words = html.escape(caption)
    return (
        f'<figure style="margin:0;flex:none"><img alt="{words}" width="{image.width}" '
        f'height="{image.height}" style="display:block;max-width:none" '
        f'src="data:image/jpeg;base64,{data}">'
        f'<figcaption style="font-size:0.8em;opacity:0.75">{words}</figcaption></figure>'
    )
