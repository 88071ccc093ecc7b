"""Answers that nobody gave, for the tests of what is counted."""

import numpy as np

from maagn.evaluate.predictions import Predictions, best, prefers
from maagn.evaluate.results import Origin, Results
from maagn.opposites.clip import OPPOSITES_LABELS, opposite_numbers

CLASSES = len(OPPOSITES_LABELS)


def answered(
    truth: list[int],
    answer: list[int],
    turned: list[int] | None = None,
    *,
    model: str = "m",
    split: str = "test",
    labels: tuple[str, ...] = OPPOSITES_LABELS,
    opposites: list[int] | None = None,
) -> Predictions:
    """Answers with logits of one and zero; to other classes than the benchmark's if `opposites`."""
    numbers = opposite_numbers() if opposites is None else np.array(opposites)
    logits = np.eye(len(labels), dtype=np.float32)[answer]
    return Predictions(
        model=model,
        split=split,
        labels=labels,
        opposites=numbers,
        clip=np.arange(len(truth)),
        truth=np.array(truth),
        answer=np.array(answer),
        top5=best(logits),
        logits=logits,
        preferred=prefers(logits, np.array(truth), numbers),
        reversed_answer=np.array(answer if turned is None else turned),
    )


def random_answers(model: str, clips: int, *, classes: int = CLASSES, paths: bool = False):
    """As many numbers as a network gives, none of which compresses; of pairs of classes."""
    rng = np.random.default_rng(len(model))
    logits = rng.normal(size=(clips, classes)).astype(np.float32)
    draw = lambda *shape: rng.random((clips, *shape)).astype(np.float32)  # noqa: E731
    truth, opposites = np.arange(clips) % classes, np.arange(classes) ^ 1
    parts = {
        "path_frames": (8, 4, 2),
        "votes": draw(3, classes),
        "sdm": draw(14),
        "mtam": draw(14),
        "gate": draw(3),
        "alpha": draw(14)[0],
    }
    return Predictions(
        model=model,
        split="test",
        labels=OPPOSITES_LABELS[:classes],
        opposites=opposites,
        clip=np.arange(clips),
        truth=truth,
        answer=logits.argmax(axis=1),
        top5=best(logits),
        logits=logits,
        preferred=prefers(logits, truth, opposites),
        reversed_answer=rng.integers(classes, size=clips),
        **(parts if paths else {}),
    )


def results(*predictions: Predictions, **origin: object) -> Results:
    digests = {prediction.model: "0" * 64 for prediction in predictions}
    return Results(predictions, Origin(digests, "a test", {}, **origin))
