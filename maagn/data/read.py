"""A video of a set into a clip: a file by its reader, a folder of frames by its pictures."""

import hashlib
import stat
from collections.abc import Iterator, Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageOps

from maagn.config import SamplingSpec
from maagn.data.confine import confine
from maagn.data.videos import Video
from maagn.errors import ClipError, ClipTooLarge, TooFewFrames, UnreadableClip
from maagn.io import file_digest
from maagn.section import Section
from maagn.types import Clip
from maagn.video.decoder.protocol import refuse_section
from maagn.video.every_frame import at_height, every_frame
from maagn.video.frame_folder import FrameFamily, FrameNamesError, frames_in, told
from maagn.video.read import read_clip
from maagn.video.sampling import union
from maagn.video.validate import FILM, LIMITS, Limits

FRAMES_PER_SECOND = 12.0
"""Of Something-Something V1's pictures, as its paper says; other folders of frames say nothing."""


def read_video(
    video: Video,
    *,
    samplings: Sequence[SamplingSpec],
    section: Section | None = None,
    limits: Limits | None = None,
) -> Clip:
    """The frames of a video that some networks need; errors call it by its id.

    Args:
        video: a file, or a folder of frames.
        samplings: what the frames are for.
        section: the part of it to read, as if there were no more.
        limits: as of `maagn.video.read.read_clip`.

    Raises:
        ClipError: as `maagn.video.read.read_clip`; `UnreadableClip` where the video leads out of
            its set's folder; for a folder of frames `UnreadableClip` where a picture that is needed
            is damaged or of another size, where pictures are missing between the first and the
            last, or where it cannot be told which are the frames; `TooFewFrames`, `ClipTooLarge`.
    """
    confine(video)
    if video.path.is_dir():
        return _read_folder(video, samplings=samplings, section=section, limits=limits or LIMITS)
    return read_clip(video.path, samplings=samplings, section=section, limits=limits, name=video.id)


def every_frame_of(
    video: Video, clip: Clip, *, height: int, limits: Limits = LIMITS
) -> Iterator[UInt8[np.ndarray, "height w 3"]]:
    """All frames of a video that was read, one at a time, as many as `clip.source_seconds`.

    Args:
        video: the file or folder that `clip` is of.
        clip: what was read of it: all, or a section.
        height: of the frames, pixels; the width follows.
        limits: what the clip may cost.

    Raises:
        ClipError: as `read_video`; `UnreadableClip` also where the file has changed since, or its
            frames are others now.
    """
    confine(video)
    if video.path.is_dir():
        pictures = frames_of(video).paths
        if clip.section is not None:
            inside = clip.section.frames(_times(len(pictures)))
            pictures = pictures[inside.start : inside.stop]
        yield from (
            at_height(_decoded(path, name=video.id, limits=limits), height) for path in pictures
        )
        return
    if file_digest(video.path) != clip.digest:
        raise UnreadableClip(f"{video.id} has changed since it was read: open it again.")
    if clip.reader == "pillow":  # animated WebP, whose frames are drawn over each other
        drawn = read_clip(video.path, section=clip.section, limits=limits, name=video.id)
        yield from (at_height(frame, height) for frame in drawn.frames)
        return
    count = 0
    for frame in every_frame(
        video.path, height=height, section=clip.section, limits=limits, name=video.id
    ):
        count += 1
        yield frame
    if count != len(clip.source_seconds):
        raise UnreadableClip(f"{video.id} decodes differently every time: convert it to MP4.")


def pictures_in(folder: Path) -> list[Path]:
    """A folder's frames in order (`maagn.video.frame_folder.frames_in`).

    Raises:
        FrameNamesError: which of its pictures they are cannot be told.
    """
    return list(frames_in(folder).paths)


def frames_of(video: Video) -> FrameFamily:
    """The pictures that are a video's frames, where it is a folder.

    Raises:
        UnreadableClip: which of its pictures they are cannot be told, or the folder not opened.
    """
    try:
        return frames_in(video.path, template=video.pictures)
    except FrameNamesError as error:
        raise UnreadableClip(
            f"In {video.id} the frames cannot be told from other pictures: {error}. Name them with "
            "--pictures, for example --pictures 'img_{:05d}.jpg'."
        ) from error
    except OSError as error:
        raise UnreadableClip(f"{video.id} cannot be opened: {error.strerror}.") from error


def _read_folder(
    video: Video, *, samplings: Sequence[SamplingSpec], section: Section | None, limits: Limits
) -> Clip:
    name = video.id
    family = frames_of(video)
    pictures = family.paths
    count = len(pictures)
    needed = max((sampling.frames for sampling in samplings), default=1)
    if count < (needed if section is None else 1):
        raise TooFewFrames(
            f"{name} has {count} frame{'s' * (count != 1)}; {needed} are needed: use a longer clip."
        )
    if count > (limits if section is None else FILM).frames:
        raise ClipTooLarge(f"{name} has too many frames: trim it.")
    holes = family.holes()
    if holes:  # what is left would be taken for evenly spaced frames
        raise UnreadableClip(
            f"{name} lacks {told(holes)} between its first and its last: extract its frames "
            "again, or number them without gaps if none was lost."
        )
    times, film_seconds = _times(count), count / FRAMES_PER_SECOND
    inside, numbers = range(count), [astuple(sampling) for sampling in samplings]
    if section is not None:
        inside = section.frames(times)
        shown = times[inside.start : inside.stop]
        refuse_section(section, shown, name=name, samplings=numbers, limits=limits)
        section = Section.of(inside, times, film_seconds=film_seconds)
    wanted = union(len(inside), samplings=numbers)
    digest = hashlib.sha256(str(count).encode())
    frames: list[np.ndarray] = []
    for place in (inside[place] for place in wanted):
        confine(video, pictures[place])
        content = _content(pictures[place], name=name, limits=limits)
        digest.update(content)
        frames.append(_decoded(pictures[place], name=name, limits=limits))
        if frames[-1].shape != frames[0].shape:
            raise UnreadableClip(f"{name} has frames of several sizes: extract them again.")
        if frames[0].nbytes * len(wanted) > limits.kept_bytes:
            raise ClipTooLarge(f"{name} needs too much memory: make its pictures smaller.")
    seconds = np.array([times[place] - times[inside.start] for place in inside])
    return Clip(
        frames=np.stack(frames),
        seconds=seconds[wanted],
        indices=np.array(wanted, np.int64),
        source_seconds=seconds,
        digest=digest.hexdigest(),
        name=name,
        reader="pictures",
        notices=_notices(family, video.frames),
        section=section,
        film_seconds=film_seconds,
    )


def _times(count: int) -> list[float]:
    """Seconds of so many pictures."""
    return [place / FRAMES_PER_SECOND for place in range(count)]


def _notices(family: FrameFamily, declared: int | None) -> tuple[str, ...]:
    notices = []
    if family.others:
        left_out = ", ".join(family.others[:3]) + (" and more" if len(family.others) > 3 else "")
        notices.append(f"The pictures {family.template} are the frames; left out: {left_out}.")
    if declared is not None and declared != len(family.paths):
        notices.append(f"The list says {declared:,} frames; {len(family.paths):,} are there.")
    return tuple(notices)


def _content(path: Path, *, name: str, limits: Limits) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a FIFO would wait for ever
            raise UnreadableClip(f"{name} has {path.name}, which is not a regular file: remove it.")
        if status.st_size > limits.bytes:
            raise ClipTooLarge(f"{name} has a picture that is too large: {path.name}.")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableClip(f"{name} cannot be read: {path.name} {error.strerror}.") from error


def _decoded(path: Path, *, name: str, limits: Limits) -> UInt8[np.ndarray, "h w 3"]:
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as image:
            if image.width * image.height > limits.pixels:
                raise ClipTooLarge(f"{name} has pictures that are too large: make them smaller.")
            return np.array(ImageOps.exif_transpose(image).convert("RGB"))
    except ClipError:
        raise
    except Exception as error:  # a damaged picture may raise anything
        raise UnreadableClip(
            f"{name} has a damaged frame, {path.name}: extract its frames again."
        ) from error
