"""A network that is asked about a film's windows as they come, several at a time."""

from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from maagn.checkpoint import Model
from maagn.config import TransformSpec
from maagn.errors import TooFewFrames
from maagn.explain.frames import SlidingFeatures, logits_of, looks_by_frame
from maagn.explain.windows import Spacing, Window
from maagn.inference import forward_clips, refuse_not_finite
from maagn.shown import plural
from maagn.video.transform import sample_positions

Picture: TypeAlias = UInt8[np.ndarray, "_h _w 3"]
Pictures: TypeAlias = tuple[Picture, ...]
"""Of one frame, as the networks' transforms make it: one a transform."""


class NotForetoldError(Exception):
    """A frame is needed that was not made a picture of."""


def refuse_too_few(window: Window[Any], needed: int, model: str, name: str) -> None:
    """Refuse a window that has fewer frames than a network samples.

    Args:
        window: with its frames.
        needed: how many are sampled.
        model: name of the network.
        name: of the film.

    Raises:
        TooFewFrames: it has.
    """
    count = len(window.frames)
    if count < needed:
        raise TooFewFrames(
            f"{name} has {plural(count, 'frame')} from {window.start:.2f} to {window.end:.2f} s; "
            f"{model} needs {needed}: choose a longer window."
        )


def seen_part(picture: Picture, transform: TransformSpec) -> Picture:
    """The centre square that a network sees, as `maagn.video.transform.to_tensor` cuts it."""
    high, wide = picture.shape[:2]
    top, left = (high - transform.crop) // 2, (wide - transform.crop) // 2
    return picture[top : top + transform.crop, left : left + transform.crop].copy()


class Asking:
    """One network, asked about several windows at a time.

    Args:
        model: the network.
        look: which of a frame's pictures it sees.
        spacing: of the windows.
        name: of the film, in errors.
    """

    def __init__(self, model: Model, look: int, spacing: Spacing, name: str) -> None:
        self._model, self._look, self._name = model, look, name
        self._found: list[Float32[np.ndarray, "n k"]] = []
        self._numbers: list[Int64[np.ndarray, " t"]] = []
        self._clips: list[UInt8[np.ndarray, "t h w 3"]] = []
        self._sliding = SlidingFeatures(model) if looks_by_frame(model) else None
        self._together = forward_clips(model)
        if self._sliding is not None:  # the frames that are new in so many windows fill a clip
            overlapping = -(-spacing.length // spacing.step)
            self._together = -(-self._together // overlapping) * overlapping

    def add(self, window: Window[Pictures | None]) -> None:
        """Ask about a window, once so many have come.

        Raises:
            TooFewFrames: it has fewer frames than the network samples.
            NonFinitePrediction: the network's numbers are not finite.
            NotForetoldError: a frame that it samples has no pictures.
        """
        sampling = self._model.sampling
        refuse_too_few(window, sampling.frames, self._model.name, self._name)
        places = sample_positions(len(window.frames), sampling)
        sampled = [window.frames[place] for place in places]
        pictures = [frame[self._look] for frame in sampled if frame is not None]
        if len(pictures) < len(places):
            raise NotForetoldError
        self._numbers.append(window.first + places)
        self._clips.append(np.stack(pictures))
        if len(self._clips) == self._together:
            self.ask()

    def ask(self) -> None:
        """Ask about those that wait.

        Raises:
            NonFinitePrediction: the network's numbers are not finite.
        """
        if not self._clips:
            return
        clips = np.stack(self._clips)
        if self._sliding is None:
            logits = logits_of(self._model, clips)
        else:
            logits = self._sliding(np.stack(self._numbers), clips)
        numbers = logits.float().cpu().numpy()
        refuse_not_finite(self._model, numbers)
        self._found.append(numbers)
        self._numbers.clear()
        self._clips.clear()

    def logits(self) -> Float32[np.ndarray, "n k"]:
        """What the network said until now, a row a window."""
        none = np.empty((0, len(self._model.labels)), np.float32)
        return np.concatenate([none, *self._found])
