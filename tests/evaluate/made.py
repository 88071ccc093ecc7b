"""Answers that nobody gave, for the tests of what is counted."""

import numpy as np

from maagn.evaluate.predictions import Predictions, best, prefers
from maagn.evaluate.results import Origin, Results
from maagn.opposites.clip import OPPOSITES_LABELS

CLASSES = len(OPPOSITES_LABELS)


def answered(
    truth: list[int], answer: list[int], turned: list[int] | None = None, *, model: str = "m"
) -> Predictions:
    """Answers with logits of one and zero."""
    logits = np.eye(CLASSES, dtype=np.float32)[answer]
    return Predictions(
        model=model,
        split="test",
        clip=np.arange(len(truth)),
        truth=np.array(truth),
        answer=np.array(answer),
        top5=best(logits),
        logits=logits,
        preferred=prefers(logits, np.array(truth)),
        reversed_answer=np.array(answer if turned is None else turned),
    )


def random_answers(model: str, clips: int, *, classes: int = CLASSES, paths: bool = False):
    """As many numbers as a network gives, none of which compresses."""
    rng = np.random.default_rng(len(model))
    logits = rng.normal(size=(clips, classes)).astype(np.float32)
    draw = lambda *shape: rng.random((clips, *shape)).astype(np.float32)  # noqa: E731
    truth = np.arange(clips) % classes
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
        clip=np.arange(clips),
        truth=truth,
        answer=logits.argmax(axis=1),
        top5=best(logits),
        logits=logits,
        preferred=prefers(logits, truth),
        reversed_answer=rng.integers(classes, size=clips),
        **(parts if paths else {}),
    )


def results(*predictions: Predictions, classes: int = CLASSES) -> Results:
    labels = tuple(f"class {i}" for i in range(classes))
    return Results(
        predictions,
        Origin(labels, {prediction.model: "0" * 64 for prediction in predictions}, "a test", {}),
    )
