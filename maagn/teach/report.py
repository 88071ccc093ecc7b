"""What a teaching found, as values and as the file that is kept beside its networks."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from maagn.evaluate.intervals import Estimate, Share
from maagn.evaluate.stored_json import read_stored, restored
from maagn.io import atomic_write
from maagn.shown import plural, shortened

FORMAT = "maagn-teaching-1"
TAUGHT = "taught.json"
_SHOWN = 4  # networks of a repr
LEFT_OUT = "left-out.parquet"
SPLIT = "left out"
"""The split of predictions by heads that were fitted without the clip."""

Reader = Literal["first frame", "mean frame", "TSN"]


@dataclass(frozen=True)
class Leak:
    """How often a reader without order is right about left-out clips.

    Attributes:
        reader: what it saw: the first of the frames that the network samples, or the mean of all
            of them, 16 pixels a side; or the mean of the features that TSN has of each frame.
        right: share of the clips.
        chance: share of the largest class, in [0, 1].
    """

    reader: Reader
    right: Share
    chance: float

    @property
    def tells(self) -> bool:
        """Whether it is better than chance, interval and all."""
        return self.right.low > self.chance


@dataclass(frozen=True)
class TaughtNetwork:
    """One network of a teaching.

    Attributes:
        name: of its file.
        kind: `MAAGN`, `TSM` and so on.
        base: name of the network that it was taught from.
        digest: SHA-256 of its file.
        tuned: which weights were taught: `head`, `last` (the last stage too) or `all`.
        strengths: C of each of its heads.
        right: share of left-out clips that are classified correctly.
        interval: its 95 % interval; where groups are left out, over groups.
        classes: the same share of each class, by its name.
        reversed: share of clips whose reversal is given the opposite class; nothing without
            opposites.
    """

    name: str
    kind: str
    base: str
    digest: str
    tuned: str
    strengths: tuple[float, ...]
    right: Share
    interval: Estimate
    classes: dict[str, Share]
    reversed: Share | None


@dataclass(frozen=True)
class TeachingReport:
    """Everything that a teaching found.

    Attributes:
        collection: name of the clips.
        labels: class names in the order of the numbers.
        clips: of each class, how many.
        opposites: pairs of class names that show each other backwards.
        left_out: `clip` or `group`: what is never learnt from and tested on at once.
        parts: that are left out in turn: as many as clips or groups, or 20 where these are many.
        networks: in the order in which they stand on a page.
        leaks: what single pictures tell.
        warnings: sentences about the clips and the figures.
        skipped: sentences about clips that could not be used.
        seconds: of reading and features, and of fitting.
        folder: the clips' folder; empty where they lie beside this file.
        command: that does it again.
        versions: of the libraries that matter.
    """

    collection: str
    labels: tuple[str, ...]
    clips: tuple[int, ...]
    opposites: tuple[tuple[str, str], ...]
    left_out: str
    parts: int
    networks: tuple[TaughtNetwork, ...]
    leaks: tuple[Leak, ...]
    warnings: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    folder: str = ""
    command: str = ""
    versions: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        lines = [
            f"TeachingReport {shortened(self.collection)}: {plural(sum(self.clips), 'clip')}, "
            f"{plural(len(self.labels), 'class', 'classes')}; right about clips left out in turn:"
        ]
        lines += [
            f"  {network.name}: {network.right.hits} of {network.right.trials}"
            for network in self.networks[:_SHOWN]
        ]
        return "\n".join(lines)


def write_teaching(folder: Path, teaching: TeachingReport) -> None:
    """Write `taught.json`, whole or not at all."""
    values: dict[str, Any] = {"format": FORMAT, **asdict(teaching)}
    with atomic_write(folder / TAUGHT) as part:
        part.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read_teaching(folder: Path) -> TeachingReport:
    """What `write_teaching` wrote.

    Raises:
        ResultsError: no such file, not one of ours, or damaged.
    """
    return read_stored(
        folder / TAUGHT,
        lambda content: restored(TeachingReport, content),
        format_=FORMAT,
        what="teaching",
        command="maagn teach FOLDER --name NAME",
    )
