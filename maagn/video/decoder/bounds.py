"""What is refused with the sentence that says what to do about it."""

from maagn.errors import ClipTooLarge, TooFewFrames, UnreadableClip
from maagn.video.decoder.wire import Request


def refuse_too_much(request: Request, size: tuple[int, int], *, frames: int) -> None:
    """Refuse pictures of that width and height, or so many of them.

    Raises:
        ClipTooLarge: over the limit on pixels or on bytes that are kept.
    """
    limits = request.limits
    width, height = size
    if width * height > limits.pixels:
        raise ClipTooLarge(
            f"{request.name} is {width} x {height} pixels: make its picture smaller."
        )
    if 3 * width * height * frames > limits.kept_bytes:
        raise ClipTooLarge(
            f"{request.name} has {frames} frames of {width} x {height} pixels, more than fit in "
            f"{limits.kept_bytes / 1e6:.0f} MB: trim it, make it smaller, or read fewer frames."
        )


def refuse_too_long(request: Request, seconds: float) -> None:
    """Refuse a clip that lasts so long.

    Raises:
        ClipTooLarge: over the limit on seconds.
    """
    if seconds > request.limits.seconds:
        raise ClipTooLarge(
            f"{request.name} lasts {seconds:.0f} s; the limit is {request.limits.seconds:.0f} s: "
            "trim it."
        )


def refuse_too_few(request: Request, count: int, *, picture: bool = False) -> None:
    """Refuse a clip of so many frames.

    Args:
        request: for the file.
        count: of its frames.
        picture: whether it is of a kind that stills are of.

    Raises:
        UnreadableClip: it has none.
        TooFewFrames: fewer than a sampling needs.
    """
    if not count:
        raise UnreadableClip(
            f"No frame of {request.name} can be decoded: it is damaged or cut short."
        )
    needed = max((frames for frames, *_ in request.samplings or ()), default=1)
    if count < needed and count == 1 and picture:
        raise TooFewFrames(
            f"{request.name} is a still picture; this network needs {needed} frames: give a video."
        )
    if count < needed:
        raise TooFewFrames(
            f"{request.name} has {count} frame{'s' * (count != 1)}; "
            f"this network needs {needed}: use a longer clip."
        )
