"""What the classifiers of frozen networks read of a clip and of its reversal, kept on disk.

A clip costs its reading and a forward of two once; taught again, with further clips or other
classes, it costs nothing. Files are named by the digests of network and clip.
"""

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from jaxtyping import Float32, UInt8

from maagn.checkpoint import Model
from maagn.data.seen import read_clips
from maagn.data.videos import Video
from maagn.inference import device_of, refuse_not_finite
from maagn.io import atomic_write, file_digest
from maagn.types import Clip
from maagn.video.transform import normalise
from maagn.video.views import ViewSpec, views_of

SIDE = 16
"""Pixels of a side of the small pictures, as in `maagn.evaluate.leak`."""


@dataclass(frozen=True, eq=False)
class ClipFeatures:
    """One clip, seen by one network.

    Attributes:
        digest: of the clip's file.
        inputs: of each classifier, of the clip and of the same frames in reverse.
        pictures: the frames that the network saw, small, RGB.
    """

    digest: str
    inputs: tuple[Float32[np.ndarray, "2 _d"], ...]
    pictures: UInt8[np.ndarray, "t 16 16 3"]


def features_of(
    video: Video,
    models: Sequence[Model],
    folder: Path,
    *,
    step: Callable[[str], None] = lambda _name: None,
) -> tuple[ClipFeatures, ...]:
    """One clip, seen by every network; read only where a network has not seen it before.

    Args:
        video: of a set.
        models: the networks.
        folder: where features are kept.
        step: told each network's name before it is asked; may raise, to stop.

    Raises:
        ClipError: the clip cannot be read, or is too short.
        NonFinitePrediction: a network's numbers about it are not finite.
    """
    digest = file_digest(video.path) if video.path.is_file() else None
    found: dict[str, ClipFeatures] = {}
    for model in models:
        kept = None if digest is None else _kept(folder, model, digest)
        if kept is not None:
            found[model.digest] = kept
    missing = [model for model in models if model.digest not in found]
    if missing:
        seen = read_clips(video, {model.look for model in missing})
        for model in missing:
            step(model.name)
            features = _computed(model, seen[model.look])
            _keep(folder, model, features)
            found[model.digest] = features
    return tuple(found[model.digest] for model in models)


def _computed(model: Model, clip: Clip) -> ClipFeatures:
    sampling, transform = model.look
    frames = views_of(clip, sampling=sampling, transform=transform, views=ViewSpec())[0][0]
    both = np.stack([frames, frames[::-1]])
    inputs = normalise(np.ascontiguousarray(both), transform).to(device_of(model))
    with torch.inference_mode():
        read = model.network.head_inputs(model.network.forward_features(inputs))
    values = tuple(each.float().cpu().numpy() for each in read)
    refuse_not_finite(model, *values, what="feature")
    small = [cv2.resize(frame, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for frame in frames]
    return ClipFeatures(clip.digest, values, np.stack(small))


def _path(folder: Path, model: Model, digest: str) -> Path:
    return folder / f"{model.digest[:32]}-{digest[:32]}.npz"


def _keep(folder: Path, model: Model, features: ClipFeatures) -> None:
    arrays = {f"head{number}": each for number, each in enumerate(features.inputs)}
    with atomic_write(_path(folder, model, features.digest)) as part, part.open("wb") as file:
        np.savez(file, pictures=features.pictures, allow_pickle=False, **arrays)


def _kept(folder: Path, model: Model, digest: str) -> ClipFeatures | None:
    """What was kept; None where there is nothing, or a damaged file."""
    try:
        with np.load(_path(folder, model, digest), allow_pickle=False) as file:
            inputs = tuple(file[f"head{n}"] for n in range(len(model.network.classifiers)))
            return ClipFeatures(digest, inputs, file["pictures"])
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return None
