"""Clips that share frames, through networks that look at each frame by itself before they compare.

A TSN, and a pyramid on a backbone without the temporal shift, get the same features of a frame
whatever stands around it. With the shift only the stem does: a thirtieth of the work.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from maagn.checkpoint import CheckpointInfo, Model
from maagn.inference import device_of
from maagn.video.transform import normalise


def looks_by_frame(card: CheckpointInfo) -> bool:
    """Whether a network's stages see every frame by itself."""
    return card.architecture.by_frame and not card.spec.shift


def logits_of(model: Model, clips: UInt8[np.ndarray, "n t h w 3"]) -> Float[Tensor, "n k"]:
    """What a network says of several clips of pictures as it sees them, in one forward."""
    with torch.inference_mode():
        logits: Tensor = model.network(normalise(clips, model.transform).to(device_of(model)))
    return logits


class FrameFeatures:
    """The same logits, with the features of some frames worked out once.

    Args:
        model: a network that `looks_by_frame`.
        clips: whose frames are known again where they stand in the same place.
    """

    def __init__(self, model: Model, clips: Sequence[UInt8[np.ndarray, "t h w 3"]]) -> None:
        self._model = model
        self._clips = clips
        self._features: dict[int, Tensor] | None = None  # of those clips, by stage

    def __call__(self, clips: UInt8[np.ndarray, "n t h w 3"]) -> Float[Tensor, "n k"]:
        """Logits of several clips."""
        frames = clips.shape[1]
        known = self._known()
        sources = np.empty(clips.shape[:2], dtype=np.int64)
        fresh: list[UInt8[np.ndarray, "h w 3"]] = []
        for place in np.ndindex(sources.shape):
            number = self._find(clips[place], place[1])
            if number is None:
                number = len(self._clips) * frames + len(fresh)
                fresh.append(clips[place])
            sources[place] = number
        new = stages_of_frames(self._model, fresh) if fresh else None
        rows = torch.from_numpy(sources).to(device_of(self._model))
        features = {
            stage: (values if new is None else torch.cat([values, new[stage]]))[rows]
            for stage, values in known.items()
        }
        with torch.inference_mode():
            logits: Tensor = self._model.network.forward_head(features)
        return logits

    def _find(self, picture: UInt8[np.ndarray, "h w 3"], at: int) -> int | None:
        """The number of a known frame: clips one after the other."""
        for number, clip in enumerate(self._clips):
            if np.array_equal(clip[at], picture):
                return number * len(clip) + at
        return None

    def _known(self) -> dict[int, Tensor]:
        if self._features is None:
            pictures = [one for clip in self._clips for one in clip]
            self._features = stages_of_frames(self._model, pictures)
        return self._features


class SlidingFeatures:
    """Logits of clips out of one long film, with the features of every frame worked out once.

    Features are kept as long as a later clip may have their frame.

    Args:
        model: a network that `looks_by_frame`.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._features: dict[int, dict[int, Tensor]] = {}  # (c, h, w) by stage, by number of frame

    def __call__(
        self, numbers: Int64[np.ndarray, "n t"], clips: UInt8[np.ndarray, "n t h w 3"]
    ) -> Float[Tensor, "n k"]:
        """Logits of clips that follow each other.

        Args:
            numbers: of their frames in the film; those of a clip's first frames never decrease.
            clips: their pictures.
        """
        known = self._features
        fresh = {
            int(number): clips[place]
            for place, number in np.ndenumerate(numbers)
            if number not in known
        }
        if fresh:
            new = stages_of_frames(self._model, list(fresh.values()))
            for row, number in enumerate(fresh):
                known[number] = {stage: values[row] for stage, values in new.items()}
        logits = [self._head([known[int(number)] for number in clip]) for clip in numbers]
        self._features = {n: known[n] for n in known if n >= numbers[-1, 0]}
        return torch.cat(logits)

    def _head(self, frames: Sequence[dict[int, Tensor]]) -> Float[Tensor, "1 k"]:
        """One clip at a time: the shallow stages of many would fill the memory."""
        features = {
            stage: torch.stack([frame[stage] for frame in frames])[None] for stage in frames[0]
        }
        with torch.inference_mode():
            logits: Tensor = self._model.network.forward_head(features)
        return logits


def stages_of_frames(
    model: Model, pictures: Sequence[UInt8[np.ndarray, "h w 3"]]
) -> dict[int, Tensor]:
    """The stages' features (u, c, h, w) of single frames, by number."""
    frames = model.spec.frames
    missing = -len(pictures) % frames  # the network takes whole clips
    whole = np.stack([*pictures, *[pictures[-1]] * missing])
    clips = whole.reshape(-1, frames, *whole.shape[1:])
    data = normalise(clips, model.transform).to(device_of(model))
    with torch.inference_mode():
        features = model.network.forward_features(data)
    return {stage: x.flatten(0, 1)[: len(pictures)] for stage, x in features.items()}
