"""A file into frames and their times, in a process that is killed at the deadline."""

from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Literal

from maagn.config import SamplingSpec
from maagn.errors import DecodeTimeout, UnreadableClip
from maagn.io import file_digest
from maagn.section import Section
from maagn.types import Clip
from maagn.video.decoder.protocol import Request
from maagn.video.formats import is_animated_webp
from maagn.video.validate import FILM, LIMITS, SECTION, Limits, suits_decord, validate_file
from maagn.video.worker import Answer, Worker, WorkerExpiredError, WorkerLostError, borrowed

__all__ = ["Limits", "read_clip"]


def read_clip(
    path: str | Path,
    *,
    samplings: Sequence[SamplingSpec] | None = None,
    section: Section | tuple[float, float] | None = None,
    limits: Limits | None = None,
    name: str | None = None,
    reader: Literal["pyav", "decord"] = "pyav",
) -> Clip:
    """Read the frames that some networks need from a video file.

    PyAV decodes them in order, in a process of its own that is killed at the deadline. Where a
    file's packets prove which of them the frames need, those alone are decoded. Animated WebP,
    which PyAV does not read, is read by Pillow.

    Args:
        path: any file; what it holds decides, not its name.
        samplings: what the frames are for; the union of their frames is kept. None keeps all.
        section: the part of the file to read, as if the file had been trimmed to it: the frames
            that begin to be shown from its start on and before its end, in seconds from the file's
            first frame. What lies after the file's end is left out.
        limits: what the clip may cost (`maagn.video.validate.LIMITS`). Of a section its own seconds
            and frames count (`SECTION` there), and the file may be a film of three hours (`FILM`).
        name: what people call it, in errors too; the file's own by default.
        reader: "decord" takes decord's count, times and pictures as they come, without a check. It
            is wrong about some files (`docs/decisions/0005-reading-clips.md`);
            `maagn data check --readers` tells of which.

    Returns:
        Frames RGB in [0, 255], upright, with times in seconds from the first frame's; of a section
        from its first frame's.

    Raises:
        ClipNotFound: there is no such file.
        UnreadableClip: it is not a video that the reader can decode, or it points to others.
        SectionError: there is no such section, or no frame in it.
        TooFewFrames: fewer frames can be read, or are in the section, than a sampling needs.
        ClipTooLarge: it is over a limit.
        DecodeTimeout: reading took longer than `limits.seconds_to_decode`.
    """
    path = Path(path).absolute()
    name = name or path.name
    section = Section(*section) if isinstance(section, tuple) else section
    limits = limits or (LIMITS if section is None else SECTION)
    head = validate_file(path, limits=limits if section is None else FILM, name=name)
    if reader == "decord" and not suits_decord(head):
        raise UnreadableClip(f"{name} is of a kind that decord does not read: read it with PyAV.")
    request = Request(
        reader="pillow" if is_animated_webp(head) else reader,
        path=str(path),
        name=name,
        samplings=None if samplings is None else [astuple(spec) for spec in samplings],
        limits=limits,
        section=section,
    )
    with borrowed(request) as worker:
        digest = file_digest(path)
        answer = answer_of(worker, request)
    return Clip(
        frames=answer.frames,
        seconds=answer.seconds[answer.indices],
        indices=answer.indices,
        source_seconds=answer.seconds,
        digest=digest,
        name=name,
        reader=request.reader,
        notices=answer.notices,
        section=answer.section,
        film_seconds=answer.film_seconds,
    )


def answer_of(worker: Worker, request: Request) -> Answer:
    """What the worker read, or what was wrong.

    Raises:
        ClipError: as `read_clip`.
    """
    try:
        return worker.answer()
    except WorkerExpiredError as error:
        raise DecodeTimeout(
            f"{request.name} took longer than {request.limits.seconds_to_decode:g} s to decode: "
            "trim it or make its picture smaller."
        ) from error
    except WorkerLostError as error:
        raise UnreadableClip(
            f"{request.name} crashes the decoder: record or convert it again."
        ) from error
