"""What a person gives for a network or for a clip: the value, a name or a path, or a mistake."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64

from maagn.checkpoint import CheckpointInfo, Model, available, load_model
from maagn.config import SamplingSpec
from maagn.data.layouts.class_folders import holds_pictures, is_video, videos_in
from maagn.data.read import read_video
from maagn.data.videos import Video
from maagn.errors import NotAClip, NotAModel
from maagn.types import Clip
from maagn.video import transform
from maagn.video.read import read_clip

ModelLike = Model | str | os.PathLike[str]
"""A network, its name in `checkpoints/`, or its file."""

ClipLike = Clip | str | os.PathLike[str]
"""A clip, a video file, or a folder with one picture per frame."""

_ORDER = "the network comes first, then the clip"


def model_of(given: ModelLike) -> Model:
    """The network that is meant; one that is named is loaded, anew each time.

    Raises:
        NotAModel: it is a clip, a video, or nothing of the kind.
        UnknownModel: no network and no file has that name.
        CheckpointError: the file is not one of ours, or is damaged.
    """
    if isinstance(given, Model):
        return given
    if isinstance(given, CheckpointInfo):
        raise NotAModel(f"{given.name} is given without its weights: give its name instead.")
    if isinstance(given, Clip):
        raise NotAModel(f"A clip stands where a network is wanted: {_ORDER}.")
    if not isinstance(given, str | os.PathLike):
        raise NotAModel(f"A network is wanted, its name or its file, and not {_kind(given)}.")
    if is_video(Path(given)):
        raise NotAModel(f"{given} is a video, and not a network: {_ORDER}.")
    return load_model(Path(given) if isinstance(given, os.PathLike) else given)


def clip_of(given: ClipLike, *, samplings: Sequence[SamplingSpec] | None = None) -> Clip:
    """The clip that is meant; of a path the frames are read that `samplings` need.

    Raises:
        NotAClip: it is a network, an array, a folder of videos, or nothing of the kind.
        ClipError: the file cannot be read (`maagn.read_clip`).
    """
    if isinstance(given, Clip):
        return given
    if isinstance(given, CheckpointInfo):
        raise NotAClip(f"A network stands where a clip is wanted: {_ORDER}.")
    if isinstance(given, np.ndarray):
        _refuse_shape(given)
        raise NotAClip("An array has no times: give maagn.from_frames(array, fps=25) instead.")
    if not isinstance(given, str | os.PathLike):
        raise NotAClip(f"A clip is wanted, or the path of a video, and not {_kind(given)}.")
    path = Path(given)
    if path.is_dir():
        if videos_in(path) or not holds_pictures(path):
            raise NotAClip(
                f"{path} is a folder, and no clip: maagn.predict_folder and maagn.explain_folder "
                "take all videos in it."
            )
        return read_video(Video(path.name, path, None), samplings=list(samplings or ()))
    if path.suffix == ".safetensors" or (str(given) in available() and not path.exists()):
        raise NotAClip(f"{given} is a network, and not a clip: {_ORDER}.")
    return read_clip(path, samplings=samplings)


def from_frames(
    frames: Any,  # noqa: ANN401 - what is no such array is refused by a sentence
    *,
    fps: int | float | None = None,
    seconds: Sequence[int | float] | Float64[np.ndarray, " t"] | None = None,
    name: str = "frames",
) -> Clip:
    """A clip of frames that are in memory already.

    Args:
        frames: (time, height, width, 3) of uint8, RGB in [0, 255], upright.
        fps: frames a second, evenly; or else give `seconds`.
        seconds: presentation time of each frame; strictly increasing.
        name: what people call it.

    Raises:
        NotAClip: the array has another shape or type, or its times are missing or not increasing.
    """
    frames = np.asarray(frames)
    _refuse_shape(frames)
    if (fps is None) == (seconds is None):
        raise NotAClip("Frames need times: give fps=25, or seconds=, one a frame; not both.")
    if fps is not None:
        if not fps > 0:
            raise NotAClip(f"Frames a second are over 0, and not {fps:g}: give for example fps=25.")
        times = np.arange(len(frames)) / fps
    else:
        times = np.asarray(seconds, np.float64)
    if times.shape != (len(frames),) or not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise NotAClip(f"Times must increase, and be {len(frames)}, one a frame: see seconds=.")
    return transform.from_frames(frames, seconds=times, name=name)


def _refuse_shape(frames: np.ndarray) -> None:
    wanted = "frames are (time, height, width, 3), RGB of uint8"
    shape = tuple(frames.shape)
    if len(shape) == 4 and shape[-1] != 3 and shape[1] == 3:
        raise NotAClip(f"The shape is {shape}, with the channels second: {wanted}.")
    if len(shape) != 4 or shape[-1] != 3 or 0 in shape:
        raise NotAClip(f"The shape is {shape}: {wanted}.")
    if frames.dtype != np.uint8:
        raise NotAClip(f"The numbers are {frames.dtype}: {wanted}, in [0, 255].")


def _kind(given: object) -> str:
    return f"a {type(given).__name__}" if given is not None else "None"
