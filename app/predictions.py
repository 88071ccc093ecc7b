"""From a question to its reports, and to one network's intermediates, telling how far it is."""

from dataclasses import dataclass, replace

from app import cache
from app.gallery.catalogue import ANSWERED, FIRST
from app.jobs import Job
from app.selection import Question, Selection
from maagn.explain.cam import FIRST_LAYER, FIRST_METHOD, can_map
from maagn.explain.intermediates import PathIntermediates, steps
from maagn.explain.report import Report
from maagn.explain.report_file import read_reports
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
    """Read the clip, run every model, and compute each one's map of the same class."""
    ready = _first_screen(question)
    if ready is not None:
        return ready
    total = len(question.models) + 2
    job.step(0.5 / total, "Loading the models")
    for name in question.models:
        cache.model(name)
    job.step(1 / total, f"Reading {question.clip.name}")
    clip = cache.clip(question.clip, question.models)
    target = question.target
    reports: list[Report] = []
    for index, name in enumerate(question.models):
        job.step((index + 2) / total, f"Asking {name}")
        report = cache.reported(
            name, clip, target=target, method=question.method, layer=layer(question, name)
        )
        target = target or report.label  # the first model's answer is explained by all
        reports.append(replace(report, model=report.model.or_with(question.clip.pairs)))
    return Answer(question, clip, tuple(reports))


def _first_screen(question: Question) -> Answer | None:
    """The stored result of the first screen, if that is the question; loads no network."""
    clip = question.clip
    asked = (clip.link, clip.section, question.target, question.method, question.layer)
    if asked != (FIRST, None, None, FIRST_METHOD, FIRST_LAYER):
        return None
    cards = {name: cache.card(name) for name in question.models}
    reports = read_reports(ANSWERED, cards)
    if reports is None or tuple(report.model.name for report in reports) != question.models:
        return None
    return Answer(question, reports[0].clip, reports)


def layer(question: Question, name: str) -> str:
    """The layer asked for; for a network without that path, the stage that the path begins at."""
    if can_map(cache.card(name), question.layer):
        return question.layer
    path = int(question.layer.split(".")[1])
    return f"backbone.res{cache.card(question.models[0]).spec.levels[path]}"


def stepped(selection: Selection, job: Job) -> tuple[Answer, PathIntermediates]:
    """The first model's answer, and what the chosen path computed.

    Raises:
        ModelError: the first model has no SDM, MTAM and AGM.
    """
    question = replace(selection.question, models=selection.question.models[:1])
    found = answer(question, job)
    run = cache.traced(question.models[0], cache.clip(question.clip, question.models))
    return found, steps(cache.model(question.models[0]), run, selection.path)
