"""A file into frames and their times; decord's are checked against PyAV's."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import astuple, replace
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from jaxtyping import UInt8

from maagn.config import SamplingSpec
from maagn.errors import ClipError, DecodeTimeout, UnreadableClip
from maagn.io import file_digest
from maagn.types import Clip, Reader
from maagn.video.decoder.protocol import Outline, Request
from maagn.video.formats import is_animated_webp
from maagn.video.validate import LIMITS, Limits, suits_decord, validate_file
from maagn.video.worker import Answer, WorkerExpiredError, WorkerLostError, borrowed, ready, turn

# The two convert the same decoded picture to RGB by the same code, and agree to the bit on
# 8-bit video; the tolerance leaves room for another processor's rounding. Any two different
# frames of a camera differ by more somewhere, however slow the motion.
PICTURE_TOLERANCE = 4


def disagreement(first: Answer, truth: Answer) -> str | None:
    """What about decord's answer differs from PyAV's, as half a sentence; None where they agree."""
    if len(first.seconds) != len(truth.seconds):
        return f"decord counts {len(first.seconds)} frames where {len(truth.seconds)} can be read"
    if np.any(np.diff(first.seconds) <= 0):
        return "decord's frame times run backwards"
    gaps = np.diff(truth.seconds)
    if gaps.size and np.abs(first.seconds - truth.seconds).max() > gaps.min() / 2:
        return "decord's frame times disagree with the file's"
    if first.frames.shape != truth.frames.shape:
        return "decord's pictures have another size than the file's"
    for ours, theirs in zip(truth.frames, first.frames, strict=True):
        # By frame, and by the larger minus the smaller: no int16 copy of the whole clip.
        apart = np.maximum(ours, theirs) - np.minimum(ours, theirs)
        if apart.max() > PICTURE_TOLERANCE:
            return "decord's pictures disagree with the file's"
    return None


__all__ = ["Limits", "read_clip"]

# How much longer than PyAV decord may take before it is given up: it hangs on some files.
DECORD_PATIENCE = 3.0
DECORD_LEAST_SECONDS = 2.0

T = TypeVar("T")


def read_clip(
    path: str | Path,
    *,
    samplings: Sequence[SamplingSpec] | None = None,
    limits: Limits = LIMITS,
    name: str | None = None,
) -> Clip:
    """Read the frames that some networks need from a video file.

    Two readers decode the frames at the same time, each in a process of its own that is killed at
    the deadline. decord is the first: its frames are used where count, times and pictures are those
    of PyAV's; else PyAV's are, with a notice that says why. Where a file's packets prove which of
    them the frames need, both decode those alone; else PyAV decodes every one in order. Animated
    WebP, which neither reads, is read by Pillow.

    Args:
        path: any file; what it holds decides, not its name.
        samplings: what the frames are for; the union of their frames is kept. None keeps all.
        limits: what the clip may cost.
        name: what people call it, in errors too; the file's own by default.

    Returns:
        Frames RGB in [0, 255], upright, with times in seconds from the first frame's.

    Raises:
        ClipNotFound: there is no such file.
        UnreadableClip: it is not a video that either reader can decode, or it points to others.
        TooFewFrames: fewer frames can be read than a sampling needs.
        ClipTooLarge: it is over a limit.
        DecodeTimeout: decoding took longer than `limits.seconds_to_decode`.
    """
    path = Path(path).absolute()
    name = name or path.name
    head = validate_file(path, limits=limits, name=name)
    pyav, decord = _requests(path, name=name, samplings=samplings, limits=limits)
    if is_animated_webp(head):
        pyav = replace(pyav, reader="pillow")
    with turn(), ExitStack() as stack:
        start = time.monotonic()
        first = None
        if suits_decord(head):
            pyav = replace(pyav, outlines=True)
            first = _First(stack, decord)
        second = stack.enter_context(borrowed(pyav))
        if first is not None:
            first.ask(*_heard(second.outline, name=name, limits=limits))
        digest = file_digest(path)
        truth = _heard(second.answer, name=name, limits=limits)
        if first is None:
            chosen, reason = None, "decord is not reliable with this kind of file"
        else:
            patience = DECORD_LEAST_SECONDS + DECORD_PATIENCE * (time.monotonic() - start)
            chosen, reason = first.believed(truth, patience=patience)
    notices = truth.notices
    reader: Reader = pyav.reader if chosen is None else "decord"
    if reader == "pyav":
        notices = (f"Read with the second reader (PyAV): {reason}.", *notices)
    return Clip(
        frames=truth.frames if chosen is None else chosen,
        seconds=truth.seconds[truth.indices],
        indices=truth.indices,
        source_seconds=truth.seconds,
        digest=digest,
        name=name,
        reader=reader,
        notices=notices,
    )


def _requests(
    path: Path, *, name: str, samplings: Sequence[SamplingSpec] | None, limits: Limits
) -> tuple[Request, Request]:
    """What PyAV is asked, and decord."""
    readers: tuple[Literal["pyav"], Literal["decord"]] = ("pyav", "decord")
    pyav, decord = (
        Request(
            reader=reader,
            path=str(path),
            name=name,
            samplings=None if samplings is None else [astuple(spec) for spec in samplings],
            limits=limits,
        )
        for reader in readers
    )
    return pyav, decord


def _heard(ask: Callable[[], T], *, name: str, limits: Limits) -> T:
    """What PyAV's worker says, which every clip needs."""
    try:
        return ask()
    except WorkerExpiredError as error:
        raise DecodeTimeout(
            f"{name} took longer than {limits.seconds_to_decode:g} s to decode: "
            "trim it or make its picture smaller."
        ) from error
    except WorkerLostError as error:
        raise UnreadableClip(f"{name} crashes the decoder: record or convert it again.") from error


class _First:
    """decord, asked for the same frames: of an outline of the file where there is one."""

    def __init__(self, stack: ExitStack, request: Request) -> None:
        self._stack = stack
        self._request = request
        self._outline = Outline()
        self._worker = stack.enter_context(ready("decord"))  # it starts while PyAV reads packets

    def ask(self, outline: Outline, content: bytes) -> None:
        self._outline = outline
        request = replace(self._request, content=outline.size, wanted=outline.wanted)
        self._worker.ask(request, content)

    def believed(
        self, truth: Answer, *, patience: float
    ) -> tuple[UInt8[np.ndarray, "t h w 3"] | None, str]:
        """Decord's frames where they are PyAV's, else None and half a sentence why not."""
        if self._outline.size and not truth.outlined:
            # The packets were not what they seemed: the other one reads the whole file too.
            self._worker = self._stack.enter_context(ready("decord"))
            self.ask(Outline(), b"")
        self._worker.allow(patience)
        try:
            answer = self._worker.answer()
        except WorkerExpiredError:
            return None, "decord did not come to an end"
        except WorkerLostError:
            return None, "decord crashes on this file"
        except ClipError:
            return None, "decord cannot read this file"
        if self._outline.size:
            truth = replace(truth, seconds=np.array(self._outline.seconds))
        # An outline has no display matrix. Of a file's own decord takes the angle alone, and not of
        # every container: it may have turned the frames so, or not at all.
        angle = (truth.turns + 2 * truth.mirrored) % 4
        reason = ""
        for turned in (0,) if self._outline.size else dict.fromkeys((angle, 0)):
            upright = replace(answer, frames=_upright(answer.frames, truth, turned=turned))
            reason = disagreement(upright, truth) or ""
            if not reason:
                return upright.frames, ""
        return None, reason


def _upright(
    frames: UInt8[np.ndarray, "t h w 3"], truth: Answer, *, turned: int
) -> UInt8[np.ndarray, "t height width 3"]:
    """Decord's frames as PyAV's are; `turned` quarters counterclockwise is what it did itself."""
    stored = np.rot90(frames, -turned, axes=(1, 2))
    return np.rot90(stored[:, :, ::-1] if truth.mirrored else stored, truth.turns, axes=(1, 2))
