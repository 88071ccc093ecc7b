"""The clip sets that a run trains and validates on."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from maagn.config import TrainSpec
from maagn.label_files import read_class_pairs
from maagn.labels import ClassPairs
from maagn.opposites.dataset import OppositesDataset
from maagn.train.cache import CachedClips
from maagn.train.clips import ClipSet

RENDERED = "opposites"


def open_data(
    spec: TrainSpec, *, frames: int, cache: Path | None = None
) -> tuple[ClipSet, ClipSet]:
    """Training and validation clips.

    Args:
        spec: names the data and, for rendered clips, their numbers and sizes.
        frames: T.
        cache: folder that keeps rendered clips; None to render them whenever they are asked for.
    """
    if spec.data != RENDERED:
        from maagn.data.something import SomethingDataset

        folder, (small, large) = Path(spec.data), spec.short_side
        return (
            # A square of the largest scale, out of which training cuts its own.
            SomethingDataset(folder, "train", frames=frames, train=True, resize=large, crop=large),
            SomethingDataset(folder, "val", frames=frames, resize=small, crop=spec.crop),
        )
    side, crop = spec.short_side[0], spec.crop
    opened = partial(OppositesDataset, frames=frames, rendered=side, cropped=crop)
    training = opened("train", length=spec.clips, train=True)
    validation = opened("val", length=spec.validation_clips)
    if cache is None:
        return training, validation
    return CachedClips(training, cache), CachedClips(validation, cache)


def given_pairs(spec: TrainSpec, labels: tuple[str, ...]) -> ClassPairs:
    """What the run's files say of the data's classes.

    Raises:
        PairsError: a file cannot be used.
    """
    files = {
        name: None if path is None else Path(path)
        for name, path in (("opposites", spec.opposites), ("mirrored", spec.mirrored))
    }
    return read_class_pairs(labels, **files)


def sized(spec: TrainSpec, *, training: int, validation: int) -> TrainSpec:
    """The spec with the numbers of clips that there are, where it asks for all or for more."""
    return replace(
        spec,
        clips=min(spec.clips or training, training),
        validation_clips=min(spec.validation_clips or validation, validation),
    )
