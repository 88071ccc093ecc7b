"""An edit of the frames, and what the networks say before and after."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app import cache, exhibit
from app.jobs import Job
from app.literal import markdown
from app.panels import ranking
from app.selection import Question
from app.work import worked_out
from maagn.explain.edits import Edit, ask, edited
from maagn.figures.layout import percent
from maagn.figures.palette import NETWORKS
from maagn.inference import prepare
from maagn.labels import ClassRelations
from maagn.types import ClipTensor, Prediction


@dataclass(frozen=True, eq=False)
class Outcome:
    """One network before and after an edit.

    Attributes:
        name: what people call the network.
        before: about the clip as it is.
        after: about what the edit shows.
        relations: which of the network's classes are opposites.
    """

    name: str
    before: Prediction
    after: Prediction
    relations: ClassRelations

    @property
    def moved(self) -> float:
        """Largest change of a logit."""
        return float(abs(self.after.logits - self.before.logits).max())


def outcomes(question: Question, edit: Edit, job: Job) -> tuple[Outcome, ...]:
    """Every network about the clip as it is and as edited: one forward of two clips each."""
    clip = cache.clip(question.clip, question.models)
    found = []
    for place, name in enumerate(question.models):
        job.step(place / len(question.models), f"Asking {name}")
        model = cache.model(name)
        inputs = prepare(model, clip)
        plain = Edit(tuple(range(len(inputs.pictures))))
        before, after = ask(model, inputs, (plain, edit))
        relations = model.or_with(question.clip.pairs).relations
        found.append(Outcome(model.spec.arch.upper(), before, after, relations))
    return tuple(found)


def show_frames(inputs: ClipTensor, edit: Edit) -> None:
    """What the networks are shown, place by place, in one row."""
    shown = edited(inputs.pictures, edit)
    moved = [f"{i} ← {o}" if i != o else str(i) for i, o in enumerate(edit.order)]
    for column, picture, words in zip(
        st.columns(len(shown), gap="small"), shown, moved, strict=True
    ):
        column.image(picture, caption=words, width="stretch", alt=f"Frame shown at place {words}")


def show(question: Question, edit: Edit) -> None:
    """The networks' answers about the edited clip beside those about the clip."""
    found = worked_out(
        ("whatif", question.clip, question.models, question.digests, edit),
        lambda job: outcomes(question, edit, job),
        height=380,
    )
    if found is None:
        return
    draw(found, about=question.target or found[0].before.top(1)[0][0])


def draw(found: Sequence[Outcome], *, about: str) -> None:
    """A column a network, then the numbers as a table.

    Args:
        found: what the networks said.
        about: the class whose probability is followed.
    """
    for column, one in zip(st.columns(len(found), gap="medium"), found, strict=True):
        with column:
            _network(one, about)
    exhibit.table(_rows(found, about), key="whatif", title="Before and after")


def _network(one: Outcome, about: str) -> None:
    was, now = one.before.top(1)[0][0], one.after.top(1)[0][0]
    ranking.show(
        one.name,
        one.after.top(4),
        colour=NETWORKS[one.name],
        note="same answer" if was == now else "another answer",
    )
    place = one.before.labels.index(about)
    before, after = one.before.probabilities[place], one.after.probabilities[place]
    st.caption(
        f"{markdown(about)}: {percent(before)} → {percent(after)}. "
        f"Before, the answer was {markdown(was)}."
    )
    if one.moved < 1e-5:
        st.caption("Not one logit moved by more than 0.00001.")


def _rows(found: Sequence[Outcome], about: str) -> pd.DataFrame:
    rows = []
    for one in found:
        place = one.before.labels.index(about)
        rows.append(
            {
                "network": one.name,
                "answer before": one.before.top(1)[0][0],
                "answer after": one.after.top(1)[0][0],
                f"p({about}) before": round(float(one.before.probabilities[place]), 4),
                "after": round(float(one.after.probabilities[place]), 4),
                "log p / p(opposite) before": _margin(one.before, one.relations, about),
                "margin after": _margin(one.after, one.relations, about),
                "largest logit change": round(one.moved, 6),
            }
        )
    return pd.DataFrame(rows)


def _margin(prediction: Prediction, relations: ClassRelations, about: str) -> float | None:
    """Difference of the logits of a class and its opposite; None where the model knows none."""
    other = relations.opposite_of(about)
    if other is None:
        return None
    mine, its = (prediction.logits[prediction.labels.index(x)] for x in (about, other))
    return round(float(mine - its), 3)
