"""The reader of animated WebP, which neither PyAV nor decord reads: Pillow, by Google's libwebp.

The container is RFC 9649: after twelve bytes, chunks of a name, a length and their content.
"""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from maagn.errors import ClipTooLarge, UnreadableClip
from maagn.video.decoder.frame_times import duration, repair
from maagn.video.decoder.protocol import (
    Header,
    Request,
    refuse_too_few,
    refuse_too_long,
    refuse_too_much,
)
from maagn.video.decoder.section_frames import frames_asked_for
from maagn.video.sampling import union

PASSES = 3
GAP = 0.1  # seconds between frames where the file tells nothing, as browsers have it

Frames = list[npt.NDArray[np.uint8]]


def read(request: Request) -> tuple[Header, Frames]:
    """Count, times and wanted frames, composed by the file's own rules in front of black.

    Raises:
        UnreadableClip: not one frame could be decoded.
        SectionError: no frame lies in the section.
        TooFewFrames: fewer frames than a sampling needs.
        ClipTooLarge: over a limit.
    """
    content = Path(request.path).read_bytes()
    size = _canvas(content)
    refuse_too_much(request, size, frames=1)  # the decoder takes memory for it when it is opened
    whole = _whole_chunks(content)
    with _opened(whole, name=request.name) as image:
        announced = count = getattr(image, "n_frames", 1)
    if announced > request.film_limits.frames:
        raise ClipTooLarge(f"{request.name} has more than {request.limits.frames} frames: trim it.")
    wanted = [] if request.section is not None else union(count, samplings=request.samplings)
    for _ in range(PASSES):
        refuse_too_much(request, size, frames=len(wanted))
        times, kept = _decode(whole, wanted, count, name=request.name)
        count = len(times)
        seconds, mended = repair(times, gap=GAP)
        frames = frames_asked_for(request, seconds, gap=GAP)
        if frames.places == wanted:
            break
        wanted = frames.places  # choose again among those that there are
    notices = []
    if count < announced:
        notices.append(f"{count} of {announced} frames could be read.")
    elif len(whole) < len(content):
        notices.append(f"The file is cut short: {count} frames could be read.")
    if mended:
        notices.append("Some frame times were missing or out of order and were filled in.")
    return frames.header(kept[0].shape, notices), kept


def length(request: Request) -> Header:
    """How long it is and of what size: all frames are decoded, one by one.

    Raises:
        UnreadableClip: not one frame could be decoded.
        ClipTooLarge: over a limit.
    """
    content = Path(request.path).read_bytes()
    width, height = _canvas(content)
    refuse_too_much(request, (width, height), frames=1)
    times, _ = _decode(_whole_chunks(content), [], request.limits.frames, name=request.name)
    refuse_too_few(request, len(times))
    seconds, _ = repair(times, gap=GAP)
    refuse_too_long(request, seconds[-1])
    return Header(
        shape=(0, height, width, 3),
        seconds=tuple(seconds),
        film_seconds=duration(seconds, gap=GAP),
        film_frames=len(times),
    )


def _canvas(content: bytes) -> tuple[int, int]:
    """Width and height, from the VP8X chunk, which every animation begins with."""
    width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
    return width, height


def _whole_chunks(content: bytes) -> bytes:
    """The file up to the first chunk that is not all there: libwebp takes no other."""
    at = 12
    while at + 8 <= len(content):
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        if at + 8 + length > len(content):
            break
        at += 8 + length + length % 2
    else:
        return content
    return content[:4] + (at - 8).to_bytes(4, "little") + content[8:at]


def _opened(content: bytes, *, name: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content), formats=("WEBP",))
    except Exception as error:  # a damaged file may raise anything
        raise UnreadableClip(f"No frame of {name} can be decoded: it is damaged.") from error


def _decode(
    content: bytes, wanted: list[int], count: int, *, name: str
) -> tuple[list[float | None], Frames]:
    """Times of the frames up to the first that cannot be decoded, and the wanted ones of them."""
    places = set(wanted)
    times: list[float | None] = []
    kept: Frames = []
    with _opened(content, name=name) as image:
        exif = image.getexif()
        black = Image.new("RGBA", image.size, (0, 0, 0, 255))
        for place in range(count):
            try:
                image.seek(place)
                image.load()
            except Exception:  # as above; what was read before it counts
                break
            times.append(image.info["timestamp"] / 1000)
            if place in places:
                picture = Image.alpha_composite(black, image.convert("RGBA")).convert("RGB")
                picture.info["exif"] = exif.tobytes()
                kept.append(np.asarray(ImageOps.exif_transpose(picture)))
    return times, kept
