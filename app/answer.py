"""From a question to an answer, step by step, telling how far it is."""

from dataclasses import dataclass

from app import cache
from app.jobs import Job
from app.selection import Question
from maagn.explain.cam import layers
from maagn.explain.report import Report
from maagn.types import Clip


@dataclass(frozen=True, eq=False)
class Answer:
    """What the models say about a clip, and why.

    Attributes:
        question: what was asked.
        clip: the frames that were read.
        reports: one a model, in the question's order; all explain the same class.
    """

    question: Question
    clip: Clip
    reports: tuple[Report, ...]


def answer(question: Question, job: Job) -> Answer:
    """Read the clip, ask every model, draw the map of one class for all."""
    total = len(question.models) + 2
    job.step(0.5 / total, "Loading the models")
    for name in question.models:
        cache.model(name)
    job.step(1 / total, f"Reading {question.clip.name}")
    clip = cache.clip(question.clip, question.models)
    target = question.target
    reports: list[Report] = []
    for place, name in enumerate(question.models):
        job.step((place + 2) / total, f"Asking {name}")
        one = cache.reported(
            name, clip, target=target, method=question.method, layer=layer(question, name)
        )
        target = target or one.label  # the first model's answer is explained by all
        reports.append(one)
    return Answer(question, clip, tuple(reports))


def layer(question: Question, name: str) -> str:
    """The layer asked for; for a network without that path, the stage that the path begins at."""
    if question.layer in layers(cache.model(name)):
        return question.layer
    path = int(question.layer.split(".")[1])
    return f"backbone.res{cache.model(question.models[0]).spec.levels[path]}"
