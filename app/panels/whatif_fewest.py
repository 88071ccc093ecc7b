"""The smallest set of frames without which each network answers otherwise."""

import pandas as pd
import streamlit as st

from app import cache, exhibit
from app.jobs import Job
from app.panels import whatif_notebook
from app.selection import Question
from app.work import worked_out
from maagn.explain.edits import Flip, fewest
from maagn.figures.layout import percent
from maagn.inference import predict, prepare


def show(question: Question) -> None:
    """A sentence and a row a network."""
    found = worked_out(
        ("fewest", question.clip, question.models, question.digests),
        lambda job: _all(question, job),
        height=200,
    )
    if found is None:
        return
    st.caption(
        "All sets of one frame are tried, then of two, and so on. A dropped frame shows the "
        "nearest one that is left."
    )
    exhibit.table(pd.DataFrame(found), key="fewest", title="The fewest frames that flip the answer")
    exhibit.python(whatif_notebook.fewest(question))


def _all(question: Question, job: Job) -> list[dict[str, object]]:
    clip = cache.clip(question.clip, question.models)
    rows = []
    for place, name in enumerate(question.models):
        job.step(place / len(question.models), f"Dropping frames for {name}")
        model = cache.model(name)
        own = predict(model, clip).top(1)[0]
        inputs = prepare(model, clip)
        row = _row(fewest(model, inputs), frames=len(inputs.pictures))
        rows.append({"network": model.spec.arch.upper(), "answer": _said(own), **row})
    return rows


def _row(flip: Flip | None, *, frames: int) -> dict[str, object]:
    if flip is None:  # every set was tried but that of none and that of all
        tried = 2**frames - 2
        return {"without frames": "none: no set flips it", "answers then": "", "sets tried": tried}
    return {
        "without frames": ", ".join(map(str, flip.gone)),
        "answers then": _said(flip.answer.top(1)[0]),
        "sets tried": flip.tried,
    }


def _said(answer: tuple[str, float]) -> str:
    return f"{answer[0]}, {percent(answer[1])}"
