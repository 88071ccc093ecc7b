"""An answer about a clip with MAAGN alone, and the steps of one of its paths."""

from dataclasses import replace

from app import cache
from app.answer import Answer, answer
from app.jobs import Job
from app.selection import Selection
from maagn.explain.intermediates import PathSteps, steps


def stepped(selection: Selection, job: Job) -> tuple[Answer, PathSteps]:
    """The first model's answer, and what the chosen path computed.

    Raises:
        ModelError: the first model has no SDM, MTAM and AGM.
    """
    question = replace(selection.question, models=selection.question.models[:1])
    found = answer(question, job)
    run = cache.traced(question.models[0], cache.clip(question.clip, question.models))
    return found, steps(cache.model(question.models[0]), run, selection.path)
