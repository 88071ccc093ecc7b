"""What a run does; kept beside its results, so that nothing else is ever mixed with them."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from maagn.checkpoint import CheckpointInfo
from maagn.data.videos import VideoSet
from maagn.errors import RunError
from maagn.evaluate.store import MANIFEST
from maagn.io import atomic_write
from maagn.video.views import ViewSpec

FORMAT = "maagn-run-1"
Kind = Literal["answers", "explanations", "both-orders", "features", "masks", "effects", "pointing"]
Precision = Literal["32-true", "bf16-mixed"]


@dataclass(frozen=True)
class Plan:
    """Everything that decides a run's numbers.

    Attributes:
        kind: of table that it makes; `both-orders` are answers, and those in reverse; `features`
            are what the networks' layers hold, of both orders too; `masks` and `effects` are the
            two passes of an audit (`maagn.evaluate.audit`); `pointing` is where maps
            point.
        models: names of the networks, in the order asked for.
        digests: SHA-256 of each one's file.
        labels: class names in the order of the logits, the first network's.
        data: name of the set, for people.
        layout: the set's.
        split: the set's.
        data_digest: of the set's list (`VideoSet.digest`).
        clips: videos in the set.
        views: how often each video is seen.
        window: consecutive frames that are sampled from; 0 for the whole video.
        batch: videos that are asked about together, and kept together.
        precision: of the networks' arithmetic, by Lightning Fabric's name.
        threads: of the arithmetic on the CPU: another number may round otherwise.
        versions: of Python, torch and numpy, for the same reason.
        pairs: opposites and mirrored classes that a person gave for the labels; None for none.
        maps: of a run of pointing, which maps it measures and how.
        features: whether predictions come with what the classifiers read; None for no.
    """

    kind: Kind
    models: tuple[str, ...]
    digests: tuple[str, ...]
    labels: tuple[str, ...]
    data: str
    layout: str
    split: str
    data_digest: str
    clips: int
    views: ViewSpec
    window: int
    batch: int
    precision: Precision
    threads: int
    versions: tuple[str, ...]
    pairs: dict[str, Any] | None = None
    maps: dict[str, Any] | None = None
    features: bool | None = None  # None, so that manifests without it are of the same plan

    @classmethod
    def of(
        cls,
        cards: Sequence[CheckpointInfo],
        videos: VideoSet,
        *,
        kind: Kind = "answers",
        views: ViewSpec | None = None,
        window: int = 0,
        batch: int = 16,
        precision: Precision = "32-true",
        threads: int = 1,
        maps: dict[str, Any] | None = None,
        features: bool = False,
    ) -> "Plan":
        """The plan for these networks and this set as they are now.

        Raises:
            RunError: two networks share a name, or do not know the same classes, or there is
                nothing to do.
            PairsError: views are mirrored, and the mirror image of a class is not known.
        """
        _check(cards, videos)
        if views is not None and views.flips:
            for card in cards:
                card.relations.refuse_unmirrored()
        return cls(
            kind=kind,
            models=tuple(card.name for card in cards),
            digests=tuple(card.digest for card in cards),
            labels=cards[0].labels,
            data=videos.name,
            layout=videos.layout,
            split=videos.split,
            data_digest=videos.digest,
            clips=len(videos),
            views=views or ViewSpec(),
            window=window,
            batch=batch,
            precision=precision,
            threads=threads,
            versions=present_versions(),
            pairs=cards[0].pairs.as_dict() or None,
            maps=maps,
            features=features or None,
        )

    @classmethod
    def read(cls, folder: Path) -> "Plan":
        """The plan that a run's folder was begun with.

        Raises:
            RunError: its manifest is missing or damaged.
        """
        values = _manifest(folder / MANIFEST)
        try:
            if values.pop("format") != FORMAT:
                raise ValueError("another format")
            views = ViewSpec(**values.pop("views"))
            lists = {
                name: tuple(value) for name, value in values.items() if isinstance(value, list)
            }
            return cls(views=views, **(values | lists))
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(folder / MANIFEST) from error

    def batches(self) -> list[range]:
        """Indices of the videos that are asked about together: the same however often it stops."""
        return [
            range(start, min(start + self.batch, self.clips))
            for start in range(0, self.clips, self.batch)
        ]

    def agree(self, folder: Path) -> None:
        """Write the manifest, or see that the one there is of this plan.

        Raises:
            RunError: the folder holds another run; the message says what differs.
        """
        path = folder / MANIFEST
        mine = json.loads(json.dumps({"format": FORMAT, **asdict(self)}))
        if not path.exists():
            with atomic_write(path) as part:
                part.write_text(json.dumps(mine, indent=1, ensure_ascii=False), encoding="utf-8")
            return
        theirs = _manifest(path)
        differing = [key for key in mine if theirs.get(key) != mine[key]]
        if differing:
            raise RunError(
                f"{folder.name} holds another run, of other {', '.join(differing)}: "
                "give another --out, or remove the folder to begin anew."
            )


def _manifest(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    except (OSError, ValueError):
        pass
    raise _damaged(path)


def _damaged(path: Path) -> RunError:
    return RunError(f"{path.parent.name} has a damaged {MANIFEST}: remove the folder, begin anew.")


def present_versions() -> tuple[str, ...]:
    """Of Python, torch and numpy."""
    return platform.python_version(), torch.__version__, np.__version__


def _check(cards: Sequence[CheckpointInfo], videos: VideoSet) -> None:
    if not cards or not len(videos):
        raise RunError("There is nothing to ask: give at least one network and one video.")
    names = [card.name for card in cards]
    for card in cards:
        if names.count(card.name) > 1:
            raise RunError(f"Two of the models are called {card.name}: rename the file of one.")
        if sorted(card.labels) != sorted(cards[0].labels):
            raise RunError(
                f"{card.name} does not know the same classes as {names[0]}: "
                "ask them in runs of their own."
            )
