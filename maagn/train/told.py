"""What a training is about to do, in a few lines, before its first step."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from maagn.config import TrainSpec
from maagn.data.held_out import write_list
from maagn.data.training import VideoClips
from maagn.labels import ClassRelations, Opposites
from maagn.train.augment import Augmentation, ClipSet

_NAMED = 4  # pairs in a line


def told(
    spec: TrainSpec,
    data: ClipSet,
    held_out: ClipSet,
    relations: ClassRelations,
    augmentation: Augmentation,
) -> Iterator[str]:
    """Classes and clips, opposites, and what reversal and mirror do to the classes.

    Args:
        spec: with the numbers of clips that there are.
        data: to train on.
        held_out: to validate on.
        relations: of the classes.
        augmentation: of the training clips.
    """
    clips = f"{len(data):,} clips to train on"
    if spec.clips < len(data):
        clips += f", {spec.clips:,} of them an epoch"
    source = (
        f"{data.videos.name}, {data.videos.layout}" if isinstance(data, VideoClips) else spec.data
    )
    yield f"{source}: {len(data.labels)} classes, {clips}."
    yield _validation(spec, held_out)
    if isinstance(data, VideoClips):
        yield from data.notices
    yield _opposites(spec, relations)
    yield _reversal(spec, data.labels, augmentation)
    yield _flip(spec, data.labels, augmentation)


def list_held_out(held_out: ClipSet, *, out: Path) -> str | None:
    """Write the list of clips that were held out beside `out`; a sentence on what it is for.

    None, and no list, where the data have a validation split of their own.
    """
    if not (isinstance(held_out, VideoClips) and held_out.held_out):
        return None
    path = out.with_suffix(".held-out.csv")
    write_list(path, held_out.videos)
    words = ["maagn", "evaluate", "--model", str(out), "--data", str(path)]
    words += ["--root", str(held_out.videos.folder), "--out", "runs/NAME"]
    return f"Their list is {path}; afterwards, to test on them alone: `{shlex.join(words)}`"


def part_trained_on(held_out: ClipSet) -> str:
    """Which part of the data is trained on, as a checkpoint tells it."""
    if isinstance(held_out, VideoClips) and held_out.held_out:
        return f"without the {len(held_out):,} clips that were held out for validation"
    return "training split"


def _validation(spec: TrainSpec, held_out: ClipSet) -> str:
    told = f"Validated on {len(held_out):,} clips"
    if isinstance(held_out, VideoClips):
        told = (
            f"{'Held out for validation' if held_out.held_out else 'Validated on'}: {held_out.told}"
        )
    if spec.validation_clips < len(held_out):
        told += f"; {spec.validation_clips:,} of them are looked at"
    return f"{told}."


def _opposites(spec: TrainSpec, relations: ClassRelations) -> str:
    known = [pair for pair in relations.opposites if not pair.proposed]
    proposed = [pair for pair in relations.opposites if pair.proposed]
    if spec.opposites is not None:
        return f"Opposites, from {spec.opposites}: {_pairs(known)}."
    parts = []
    if known:
        parts.append(f"Opposites, from Something-Something V2's table: {_pairs(known)}.")
    if proposed:
        parts.append(
            f"Opposites that the classes' names propose: {_pairs(proposed)}. No clip is labelled "
            "by a proposal: `maagn data pairs` prints it as a file for --opposites."
        )
    return " ".join(parts) or "Opposites: none are known of these classes."


def _pairs(pairs: Sequence[Opposites]) -> str:
    return _some([f"{pair.label} <-> {pair.opposite}" for pair in pairs], of="pair")


def _reversal(spec: TrainSpec, labels: Sequence[str], augmentation: Augmentation) -> str:
    if not spec.reversal:
        return "Reversal: off."
    backwards = [
        f"{labels[label]} as {labels[other]}"
        for label, other in enumerate(augmentation.reversals)
        if other is not None
    ]
    if not backwards:
        return (
            "No clip is shown backwards: none of these classes is known to be another's reversal. "
            "Give --opposites FILE; `maagn data pairs` proposes one."
        )
    return (
        f"Reversal: {len(backwards)} of the {len(labels)} classes are also trained on backwards: "
        f"{_some(backwards, of='class')}."
    )


def _flip(spec: TrainSpec, labels: Sequence[str], augmentation: Augmentation) -> str:
    if not spec.flip:
        return "Flip: off, no clip is mirrored."
    swapped = [
        f"{labels[label]} <-> {labels[other]}"
        for label, other in enumerate(augmentation.mirrors)
        if label < other
    ]
    same = len(labels) - 2 * len(swapped)
    told = f"a mirror leaves {same} of the {len(labels)} classes what they are"
    if swapped:
        told += f", and swaps {_some(swapped, of='pair')}"
    return f"Flip: half of the clips are mirrored; {told}."


def _some(names: Sequence[str], *, of: str) -> str:
    """The first names, and how many there are beside them."""
    more = len(names) - _NAMED
    plural = {"class": "classes", "pair": "pairs"}[of] if more > 1 else of
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more {plural}" if more > 0 else "")
