"""The clips of a teaching as every network sees them; those that cannot be read are left out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int64, UInt8

from maagn.checkpoint import Model
from maagn.errors import ClipError, TeachError
from maagn.teach.examples import Examples
from maagn.teach.features import ClipFeatures, features_of
from maagn.teach.left_out import HeadInputs

Report = Callable[[float, str], None]
"""Takes the part that is done, in [0, 1], and what is being done; may raise, to stop."""


@dataclass(frozen=True, eq=False)
class SeenClips:
    """The clips that could be read.

    Attributes:
        examples: of these clips.
        features: of each clip, in that order, one a network.
        skipped: sentences about the others.
    """

    examples: Examples
    features: tuple[tuple[ClipFeatures, ...], ...]
    skipped: tuple[str, ...]

    @property
    def digests(self) -> tuple[str, ...]:
        """SHA-256 of each clip's file."""
        return tuple(features[0].digest for features in self.features)

    @property
    def labels(self) -> Int64[np.ndarray, " n"]:
        """Number of each clip's class."""
        return np.array([clip.label for clip in self.examples.clips])

    @property
    def groups(self) -> Int64[np.ndarray, " n"]:
        """Number of what each clip is left out with."""
        names = sorted({clip.group for clip in self.examples.clips})
        number = {name: index for index, name in enumerate(names)}
        return np.array([number[clip.group] for clip in self.examples.clips])

    @property
    def pictures(self) -> UInt8[np.ndarray, "n t h w 3"]:
        """Small frames of each clip, as the first network samples them."""
        return np.stack([features[0].pictures for features in self.features])

    def heads(self, network: int) -> list[HeadInputs]:
        """What each head of a network reads of every clip."""
        inputs = [features[network].inputs for features in self.features]
        opposites = np.array(self.examples.opposites)
        return [
            HeadInputs(np.stack(values), self.labels, self.groups, opposites)
            for values in zip(*inputs, strict=True)
        ]


def see_clips(
    examples: Examples, models: Sequence[Model], folder: Path, *, report: Report
) -> SeenClips:
    """Read every clip and let every network see it.

    Args:
        examples: the clips.
        models: the networks.
        folder: that keeps features; what is there is not computed again.
        report: told how far it is.

    Raises:
        TeachError: too few clips can be read, or one clip is in two classes.
        NonFinitePrediction: a network's numbers about a clip are not finite.
    """
    kept: dict[str, int] = {}  # by content
    features: list[tuple[ClipFeatures, ...]] = []
    skipped: list[str] = []
    for index, clip in enumerate(examples.clips):
        report(index / len(examples.clips), f"Clip {index + 1} of {len(examples.clips)}")
        try:
            found = features_of(clip.video, models, folder, step=_teller(report, index, examples))
        except ClipError as error:
            skipped.append(str(error))
            continue
        same = kept.setdefault(found[0].digest, index)
        if same == index:
            features.append(found)
            continue
        other = examples.clips[same]
        if other.label != clip.label:
            raise TeachError(
                f"{clip.video.id} has the content of {other.video.id}: keep it in one class."
            )
        skipped.append(f"{clip.video.id} has the content of {other.video.id}: taken once.")
    usable = examples.only(list(kept.values()))
    try:
        usable.refuse_too_few()
    except TeachError as error:
        raise TeachError(f"{error} {skipped[0]}" if skipped else str(error)) from error
    return SeenClips(usable, tuple(features), tuple(skipped))


def _teller(report: Report, index: int, examples: Examples) -> Callable[[str], None]:
    count = len(examples.clips)
    return lambda name: report(index / count, f"Clip {index + 1} of {count}, {name}")
