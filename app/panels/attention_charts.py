"""Masks of one path over time, this clip's beside the mean of its class."""

import numpy as np

from app.answer import Answer
from app.player import Series, TimeChart
from app.player.view import Mark
from app.recorded import answers_of
from maagn.evaluate.results import ResultsError, class_means
from maagn.explain.intermediates import PathSteps
from maagn.opposites.clip import OPPOSITES_LABELS


def charts(answer: Answer, found: PathSteps) -> tuple[TimeChart, ...]:
    """SDM, MTAM's three angles, and their sum, each in a column of its own."""
    v, seconds = found.tensors, found.seconds.astype(np.float64)
    label = answer.question.clip.label or answer.reports[0].label
    means = _means(answer, found.path, label)
    angles: tuple[tuple[str, str, Mark], ...] = (
        ("maximum", "mtam_max", "dashed"),
        ("mean", "mtam_avg", "dotted"),
        ("both", "mtam_both", "dashdot"),
    )
    sdm = [Series("this clip", "SDM", seconds, v["sdm"], "bars")]
    total = [Series("this clip", "MTAM", seconds, v["mtam"])]
    if means is not None:
        sdm.append(Series("class mean", "SDM", seconds, means[0], "dashed"))
        total.append(Series("class mean", "MTAM", seconds, means[1], "dashed"))
    three = tuple(Series(name, "MTAM", seconds, v[key], mark) for name, key, mark in angles)
    return (
        TimeChart("SDM mask", "weight, 0 to 1", 0, 1, tuple(sdm), f"SDM, path res{found.level}"),
        TimeChart("MTAM masks", "weight, each 0 to 1", 0, 1, three, "MTAM, three angles"),
        TimeChart("Their sum", "weight, 0 to 3", 0, 3, tuple(total), "MTAM, sum"),
    )


def _means(answer: Answer, path: int, label: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Of the class over the benchmark, where this network was measured on it."""
    model = answer.reports[0].model
    answers = answers_of(model.name)
    if answers is None or label not in OPPOSITES_LABELS:
        return None
    try:
        means = class_means(answers, path)
    except ResultsError:
        return None
    number = OPPOSITES_LABELS.index(label)
    return means.sdm[number].astype(np.float32), means.mtam[number].astype(np.float32)
