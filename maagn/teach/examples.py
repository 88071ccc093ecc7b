"""The clips to teach from: each with its class, what it shows backwards, and its group."""

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from maagn.data.groups import groups_by_name, tell_groups
from maagn.data.videos import Video, VideoSet
from maagn.errors import TeachError
from maagn.labels import NO_PAIRS, ClassPairs, ClassRelations
from maagn.shown import plural, shortened

MOST = 2000
"""Clips that heads may be taught from: with more, training a network is worth its hours."""
_SHOWN = 4  # classes of a repr
_LEAST = 2  # clips of a class: one to learn from and one to leave out
_NAME = re.compile(r"[^\W_](?:[\w -]{0,38}\w)?")  # a part of the networks' file names


@dataclass(frozen=True)
class Example:
    """One clip.

    Attributes:
        video: where it is; not opened yet.
        label: number of its class.
        group: what is left out together: clips of one person or place; its own id where clips are
            left out one by one.
    """

    video: Video
    label: int
    group: str


@dataclass(frozen=True)
class Examples:
    """What networks are taught from.

    Attributes:
        name: of the collection, for people.
        labels: class names in the order of the numbers.
        clips: in the order of the set.
        opposites: of each class the number of the one that its clips show backwards; -1 for none.
        grouped: whether groups are left out, and not single clips.
        pairs: what was given or taken for opposites, which the taught networks keep.
    """

    name: str
    labels: tuple[str, ...]
    clips: tuple[Example, ...]
    opposites: tuple[int, ...]
    grouped: bool = False
    pairs: ClassPairs = NO_PAIRS

    def __repr__(self) -> str:
        counted = Counter(example.label for example in self.clips)
        said = ", ".join(
            f"{counted[number]} {shortened(label)}"
            for number, label in enumerate(self.labels[:_SHOWN])
        )
        more = " and more" if len(self.labels) > _SHOWN else ""
        return f"Examples {shortened(self.name)}: {plural(len(self.clips), 'clip')}, {said}{more}"

    @property
    def pairs_of_labels(self) -> tuple[tuple[int, int], ...]:
        """Each pair of opposites once, by number."""
        return tuple((i, j) for i, j in enumerate(self.opposites) if i < j)

    def only(self, kept: Sequence[int]) -> "Examples":
        """The same with some of the clips."""
        return replace(self, clips=tuple(self.clips[index] for index in kept))

    def refuse_too_few(self) -> None:
        """Every class can be learnt while any clip, or group, is left out.

        Raises:
            TeachError: fewer than two classes, or a class with too few clips or one group alone.
        """
        if len(self.labels) < 2:
            raise TeachError(
                f"{self.name} has one class, {self.labels[0]}: give clips of a second one, for "
                "example of its opposite."
            )
        counts = Counter(example.label for example in self.clips)
        for number, label in enumerate(self.labels):
            if counts[number] < _LEAST:
                raise TeachError(
                    f"{label} has {counts[number]} clip{'s' * (counts[number] != 1)} that can be "
                    f"read: give it {_LEAST} or more, since each is left out once."
                )
            shown = {
                example.group
                for example in self.clips
                if number in (example.label, self.opposites[example.label])
            }
            if len(shown) < _LEAST:
                raise TeachError(
                    f"All clips of {label} are in one group, {next(iter(shown))}: give it clips of "
                    "another group, or leave clips out one by one."
                )
        if len(self.clips) > MOST:
            raise TeachError(
                f"{len(self.clips):,} clips are more than heads need: give at most {MOST:,}, or "
                "train a network on them with `maagn train --data`."
            )


def check_name(name: str) -> None:
    """Networks and their files can be called after a collection of that name.

    Raises:
        TeachError: they cannot.
    """
    if not _NAME.fullmatch(name):
        raise TeachError(
            f"{name[:80]!r} cannot be the name of files: take up to 40 letters, digits, blanks, - "
            "and _, beginning with a letter or digit."
        )


def examples_of(
    videos: VideoSet,
    *,
    name: str,
    pairs: ClassPairs | None = None,
    reverse: bool = True,
    groups: Mapping[str, str] | None = None,
) -> Examples:
    """The clips of a set, each with its class.

    Args:
        videos: the set; its split is taken whole.
        name: of the collection.
        pairs: opposites that a person gave; without them those that the classes' names propose.
        reverse: whether clips of a class with an opposite show that one backwards.
        groups: of each clip's id, what it is left out with; None leaves out clips one by one.

    Raises:
        TeachError: a clip without a class or without a group, or too few clips.
    """
    labels = videos.labels
    relations = ClassRelations.of(labels, pairs)
    opposites = [-1] * len(labels)
    for pair in relations.opposites:
        if reverse and pair.kind == "time-reversal":
            one, other = labels.index(pair.label), labels.index(pair.opposite)
            opposites[one], opposites[other] = other, one
    kept = tuple(pair for pair in relations.opposites if reverse or pair.kind != "time-reversal")
    clips = []
    for video in videos.videos:
        if video.label is None:
            raise TeachError(f"{video.id} has no class: put every clip into the folder of one.")
        group = video.id if groups is None else groups.get(video.id)
        if group is None:
            raise TeachError(f"{video.id} has no group: name one for every clip.")
        clips.append(Example(video, video.label, group))
    found = Examples(
        name,
        labels,
        tuple(clips),
        tuple(opposites),
        grouped=groups is not None,
        pairs=ClassPairs(
            tuple(replace(pair, proposed=False) for pair in kept),
            None if pairs is None else pairs.mirrored,
        ),
    )
    found.refuse_too_few()
    return found


def groups_of_names(ids: Sequence[str]) -> dict[str, str]:
    """Groups by what the files' names begin with: `anna-1.mp4` and `anna-2.mp4` are of `anna`.

    Raises:
        TeachError: the names tell no two groups.
    """
    found = groups_by_name(ids)
    if not tell_groups(found):
        raise TeachError(
            "The files' names tell no two groups of clips: call them like anna-1.mp4 and "
            "ben-1.mp4, or give a CSV file with a column `file` and one of groups."
        )
    return dict(zip(ids, found, strict=True))


def read_groups(path: Path, ids: Sequence[str], *, columns: Sequence[str]) -> dict[str, str]:
    """Groups from a CSV file: clips with the same values in all columns are left out together.

    Args:
        path: with a header; the column `file`, or else the first, names clips as the set does, or
            by the file's name alone where no two share it.
        ids: of the clips.
        columns: that make a group.

    Raises:
        TeachError: the file cannot be read, lacks a column, or says nothing of a clip.
    """
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TeachError(f"{path.name} cannot be read as CSV: give UTF-8 with a header.") from error
    names = list(rows[0]) if rows else []
    lacking = [column for column in columns if column not in names]
    if not names or lacking:
        raise TeachError(
            f"{path.name} has no column {', '.join(lacking) or 'at all'}: it has "
            f"{', '.join(names) or 'no rows'}."
        )
    key = "file" if "file" in names else names[0]
    by_id = {str(row[key]): " / ".join(str(row[column]) for column in columns) for row in rows}
    by_name: dict[str, str | None] = {}
    for each, group in by_id.items():
        short = Path(each).name
        by_name[short] = None if short in by_name else group
    groups: dict[str, str] = {}
    for each in ids:
        own = by_id.get(each) or by_name.get(Path(each).name)
        if own is None:
            raise TeachError(f"{path.name} has no row for {each}: add one, or remove the clip.")
        groups[each] = own
    return groups
