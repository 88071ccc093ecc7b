"""One network of a teaching: what it came to, its figures, and its file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, Int64

from maagn.checkpoint import CheckpointInfo, Model, Provenance, save_difference
from maagn.evaluate.intervals import Estimate, Share, share
from maagn.evaluate.predictions import Predictions, best, prefers
from maagn.inference import device_of
from maagn.io import file_digest
from maagn.nn.network import VideoNetwork
from maagn.teach.left_out import LeftOut
from maagn.teach.report import SPLIT, TaughtNetwork
from maagn.teach.seen import SeenClips

_DRAWS = 2000  # of the bootstrap


@dataclass(frozen=True, eq=False)
class Lesson:
    """What one network was taught.

    Attributes:
        base: that it was taught from.
        network: that came of it, taught on every clip.
        tested: what heads said of clips that they were fitted without.
        strengths: C of each head.
        tuned: which weights were taught.
        passes: of fine-tuning over the clips; none where the heads alone were taught.
        steps: of the optimiser in these.
    """

    base: Model
    network: VideoNetwork
    tested: LeftOut
    strengths: tuple[float, ...]
    tuned: str = "head"
    passes: int = 0
    steps: int = 0

    @property
    def logits(self) -> Float32[np.ndarray, "n k"]:
        """Of the clips as they are: the plain mean of the heads'."""
        return self.tested.votes.mean(axis=1).astype(np.float32)

    @property
    def backward(self) -> Int64[np.ndarray, " n"]:
        """The class that each clip's reversal was given."""
        return self.tested.backward.mean(axis=1).argmax(axis=1)


def network_names(collection: str, bases: Sequence[CheckpointInfo]) -> tuple[str, ...]:
    """What taught networks are called: after their kind, or where several are of one, their bases.

    Args:
        collection: name of the clips.
        bases: that they are taught from, each once.
    """
    kinds = [base.spec.arch for base in bases]
    return tuple(
        f"{collection}-{base.spec.arch if kinds.count(base.spec.arch) == 1 else base.name}"
        for base in bases
    )


def save_lesson(
    lesson: Lesson, seen: SeenClips, out: Path, *, name: str, command: str
) -> TaughtNetwork:
    """Write the network as a difference from its base, and say what is known of it.

    Args:
        lesson: what it was taught.
        seen: the clips.
        out: folder for the file.
        name: of the network.
        command: kept in the file, for people.
    """
    base, examples, labels = lesson.base, seen.examples, seen.labels
    path = out / f"{name}.safetensors"
    right = lesson.logits.argmax(axis=1) == labels
    save_difference(
        path,
        lesson.network,
        base,
        collection=examples.name,
        clips=tuple(zip(seen.digests, labels.tolist(), strict=True)),
        labels=examples.labels,
        pairs=examples.pairs,
        provenance=Provenance(
            trained_on=f"{len(labels)} clips of {examples.name}, from {base.name}",
            command=command,
            seed=0,
            epochs=lesson.passes,
            steps=lesson.steps,
            clips=len(labels),
            hardware=f"on a {'CPU' if device_of(base).type == 'cpu' else 'GPU'}",
            metrics={"left-out top-1": float(right.mean())},
        ),
    )
    return TaughtNetwork(
        name=name,
        kind=base.architecture.title,
        base=base.name,
        digest=file_digest(path),
        tuned=lesson.tuned,
        strengths=lesson.strengths,
        right=share(right),
        interval=interval(right, seen.groups),
        classes={
            label: share(right[labels == number]) for number, label in enumerate(examples.labels)
        },
        reversed=_reversed(lesson, seen),
    )


def predictions_of(lesson: Lesson, seen: SeenClips, *, name: str) -> Predictions:
    """The left-out predictions, as those of any run; the clips' numbers are their places."""
    logits, truth = lesson.logits, seen.labels
    opposites = np.array(seen.examples.opposites)
    several = lesson.tested.votes.shape[1] > 1
    return Predictions(
        model=name,
        split=SPLIT,
        labels=seen.examples.labels,
        opposites=opposites,
        clip=np.arange(len(truth)),
        truth=truth,
        answer=logits.argmax(axis=1),
        top5=best(logits),
        logits=logits,
        preferred=prefers(logits, truth, opposites),
        reversed_answer=lesson.backward,
        votes=lesson.tested.votes.astype(np.float32) if several else None,
    )


def interval(right: Bool[np.ndarray, " n"], groups: Int64[np.ndarray, " n"]) -> Estimate:
    """95 % interval of a share: Wilson's; of groups of clips the wider of it and a bootstrap.

    Clips of a group are alike, so that they are drawn together.
    """
    whole = share(right)
    names, place = np.unique(groups, return_inverse=True)
    if len(names) == len(right) or len(names) < 2:
        return Estimate(whole.value, whole.low, whole.high)
    hits, clips = np.bincount(place, weights=right), np.bincount(place)
    drawn = np.random.default_rng(0).integers(len(names), size=(_DRAWS, len(names)))
    low, high = np.quantile(hits[drawn].sum(axis=1) / clips[drawn].sum(axis=1), [0.025, 0.975])
    return Estimate(whole.value, min(whole.low, float(low)), max(whole.high, float(high)))


def _reversed(lesson: Lesson, seen: SeenClips) -> Share | None:
    backwards = np.array(seen.examples.opposites)[seen.labels]
    known = backwards >= 0
    return share((lesson.backward == backwards)[known]) if known.any() else None
