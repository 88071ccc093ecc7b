"""Frames sampled into the network's input, and any cell of a feature map back to source pixels."""

import hashlib
from dataclasses import astuple

import cv2
import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64, UInt8
from torch import Tensor

from maagn.config import SamplingSpec, TransformSpec
from maagn.errors import TooFewFrames
from maagn.types import Clip, ClipTensor, Crop
from maagn.video.sampling import places
from maagn.video.short_side import with_short_side


def sample_positions(count: int, spec: SamplingSpec) -> Int64[np.ndarray, " t"]:
    """Places of the sampled frames among a clip's `count` frames, from 0; strictly increasing.

    For one clip of the whole video the middle frame of each of T equal segments (TSN):
    floor((2i + 1) * count / 2T); else see `maagn.video.sampling.places`.

    Raises:
        TooFewFrames: the clip has fewer than T frames, so that one would have to be shown twice.
    """
    if count < spec.frames:
        raise TooFewFrames(
            f"The clip has {count} frame{'s' * (count != 1)}; "
            f"this network needs {spec.frames}: use a longer clip."
        )
    return np.array(places(count, astuple(spec)), dtype=np.int64)


def to_tensor(clip: Clip, *, sampling: SamplingSpec, transform: TransformSpec) -> ClipTensor:
    """Sample a clip's frames, resize their short side, crop the centre square, normalise.

    Args:
        clip: with at least the frames that `sampling` needs.
        sampling: which frames.
        transform: sizes in pixels, mean and deviation of RGB in [0, 1].

    Returns:
        (1, 3, T, crop, crop) float32, the same pixels as uint8, and where they come from.

    Raises:
        TooFewFrames: fewer frames in the source than the sampling needs.
        ValueError: the clip was read for another sampling, or the crop is larger than the frame.
    """
    positions = sample_positions(len(clip.source_seconds), sampling)
    places = places_of(positions, kept=clip.indices)
    if transform.crop > transform.resize:
        raise ValueError(
            f"crop must be at most resize, got crop {transform.crop}, resize {transform.resize}"
        )
    height, width = clip.frames.shape[1:3]
    resized = with_short_side(clip.frames[places], transform.resize)
    high, wide = resized.shape[1:3]
    left, top = (wide - transform.crop) // 2, (high - transform.crop) // 2
    pictures = np.ascontiguousarray(
        resized[:, top : top + transform.crop, left : left + transform.crop]
    )
    return ClipTensor(
        data=normalise(pictures[None], transform),
        pictures=pictures,
        positions=positions,
        seconds=clip.source_seconds[positions],
        crop=Crop(
            left=left * width / wide,
            top=top * height / high,
            width=transform.crop * width / wide,
            height=transform.crop * height / high,
        ),
        digest=clip.key,
    )


def normalise(
    pictures: UInt8[np.ndarray, "n t h w 3"], transform: TransformSpec
) -> Float32[Tensor, "n 3 t h w"]:
    """Pixels in [0, 255] as a network wants them: channels first, minus mean, over deviation."""
    x = torch.from_numpy(pictures).permute(0, 4, 1, 2, 3).float() / 255
    mean, std = (torch.tensor(v).view(3, 1, 1, 1) for v in (transform.mean, transform.std))
    return ((x - mean) / std).contiguous()


def shown_frames(
    clip: Clip, inputs: ClipTensor, *, side: int
) -> tuple[UInt8[np.ndarray, "t h w 3"], Crop]:
    """The sampled frames whole, for people, and which part of them the network sees.

    Sharper than `inputs.pictures`, which has only as many pixels as the network sees; never
    enlarged beyond the source.

    Args:
        clip: the clip that `inputs` was made of.
        inputs: tells which frames and which part.
        side: largest height and width in pixels.

    Returns:
        RGB in [0, 255], and the crop in their pixels.
    """
    frames = clip.frames[places_of(inputs.positions, kept=clip.indices)]
    height, width = frames.shape[1:3]
    scale = min(1.0, side / max(height, width))
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        frames = np.stack([cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in frames])
    down, across = frames.shape[1] / height, frames.shape[2] / width
    crop = inputs.crop
    return frames, Crop(
        left=crop.left * across,
        top=crop.top * down,
        width=crop.width * across,
        height=crop.height * down,
    )


def source_rectangle(crop: Crop, *, row: int, column: int, rows: int, columns: int) -> Crop:
    """The source pixels under one cell of a rows x columns map of what the network saw.

    A cell stands for its even share of the crop; its receptive field is larger.

    Raises:
        IndexError: the map has no such cell.
    """
    if not (0 <= row < rows and 0 <= column < columns):
        raise IndexError(f"no cell ({row}, {column}) in a {rows} x {columns} map")
    width, height = crop.width / columns, crop.height / rows
    return Crop(crop.left + column * width, crop.top + row * height, width, height)


def from_frames(
    frames: UInt8[np.ndarray, "t h w 3"],
    *,
    seconds: Float64[np.ndarray, " t"],
    name: str = "frames",
) -> Clip:
    """A clip of frames that are in memory already, all of them kept.

    Args:
        frames: RGB in [0, 255], upright.
        seconds: presentation times; strictly increasing.
        name: what people call it.
    """
    digest = hashlib.sha256(repr(frames.shape).encode())
    digest.update(np.ascontiguousarray(frames).data)
    digest.update(np.ascontiguousarray(seconds).data)
    return Clip(
        frames=frames,
        seconds=seconds,
        indices=np.arange(len(frames), dtype=np.int64),
        source_seconds=seconds,
        digest=digest.hexdigest(),
        name=name,
        reader="memory",
    )


def places_of(
    positions: Int64[np.ndarray, " t"], *, kept: Int64[np.ndarray, " k"]
) -> Int64[np.ndarray, " t"]:
    """Where in a clip's kept frames the sampled ones are."""
    places = np.searchsorted(kept, positions)
    missing = ~np.isin(positions, kept)
    if missing.any():
        raise ValueError(
            f"The clip was read without frames {positions[missing].tolist()}: "
            "name this sampling in read_clip(samplings=...)"
        )
    return places
