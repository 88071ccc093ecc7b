"""Every network's map of one class, by itself or against another class."""

from dataclasses import replace

import numpy as np
import streamlit as st
from jaxtyping import Float32

from app import cache, exhibit
from app.answer import Answer, layer
from app.jobs import Job
from app.literal import markdown
from app.panels.stage import player_view, told_apart
from app.selection import Question
from maagn.explain.faithfulness import cosine
from maagn.explain.report import report
from maagn.figures.layout import percent

_TOLD = "Heat is what speaks for the class, each network's on its own scale."


def show(answer: Answer, *, moment: int) -> None:
    """The plain maps in the player."""
    first = answer.reports[0]
    exhibit.words(f"Maps of **{markdown(first.label)}**, by {first.cam.about['method']}. {_TOLD}")
    exhibit.player(player_view(answer, charts=(), moment=moment), key="evidence-map")


def contrast(answer: Answer, other: str, job: Job) -> tuple[Answer, tuple[float, ...]]:
    """The maps of the class minus another, and how alike the two plain maps are; no forward."""
    question = answer.question
    reports, alike = [], []
    for place, own in enumerate(answer.reports):
        job.step(place / len(answer.reports), f"Setting {own.model.name} against {other}")
        model = cache.model(own.model.name)
        run = cache.traced(own.model.name, answer.clip)
        chosen = {"method": question.method, "layer": layer(question, own.model.name)}
        plain = report(model, answer.clip, run, target=other, **chosen)
        against = report(model, answer.clip, run, target=own.label, against=other, **chosen)
        reports.append(replace(against, model=own.model))
        alike.append(cosine(own.cam.values, plain.cam.values))
    return replace(answer, reports=tuple(reports)), tuple(alike)


def other_class(answer: Answer) -> str:
    """Which class the explained one is set against: its opposite, or the visitor's choice."""
    first = answer.reports[0]
    others = [label for label in first.model.labels if label != first.label]
    start = others.index(first.opposite) if first.opposite in others else 0
    chosen = st.selectbox(
        f"B, against A: {markdown(first.label)}", others, index=start, key=f"against-{first.target}"
    )
    return str(chosen)


def show_contrast(
    signed: Answer, alike: tuple[float, ...], other: str, question: Question, *, moment: int
) -> None:
    """What speaks for A rather than B in the player, and the likeness of the plain maps."""
    first = signed.reports[0]
    names = told_apart(signed.reports)
    lines = [
        f"- {markdown(name)}: the maps of A and B are **{like:.2f}** alike; it gives A "
        f"{percent(one.prediction.probabilities[one.target])} and B "
        f"{percent(one.prediction.probabilities[one.model.labels.index(other)])}. "
        f"{_extent(one.cam.values)}"
        for one, name, like in zip(signed.reports, names, alike, strict=True)
    ]
    exhibit.words(
        f"A is **{markdown(first.label)}**, B is **{markdown(other)}**. Heat is where logit A "
        f"minus logit B, by {question.method}, is above 0; what speaks for B instead is "
        "not drawn.\n\n"
        + "\n".join(lines)
        + "\n\nAlike is the cosine of the two signed maps: 1 the same, 0 unrelated, -1 opposite. "
        "Near 1, a map of A alone does not tell A from B."
    )
    exhibit.player(player_view(signed, charts=(), moment=moment), key="evidence-contrast")


def _extent(values: Float32[np.ndarray, "t h w"]) -> str:
    return f"{percent(float((values > 0).mean()))} of the cells speak for A rather than B."
