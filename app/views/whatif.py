"""An edit of the frames, and what the networks predict before and after."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import UInt8

from app import cache, elements, session
from app.elements import markdown
from app.jobs import Job
from app.selection import Question
from app.views import prediction
from app.views.notebook import lines, prepared
from app.work import worked_out
from maagn.explain.edits import (
    Edit,
    MinimalCounterfactual,
    Region,
    ask,
    drop,
    edited,
    freeze,
    minimal_counterfactual,
    reverse,
    shuffle,
    speed,
    swap_halves,
)
from maagn.explain.interventions import Changes, Intervention
from maagn.figures.clips import frame_to_draw_on
from maagn.figures.layout import percent
from maagn.figures.palette import colour
from maagn.inference import predict, prepare
from maagn.labels import ClassRelations
from maagn.types import ClipTensor, Prediction


def edit_code(question: Question, asked: Edit) -> str:
    """Every network's answers about the clip as it is and as it is edited."""
    script = prepared(question) + lines(
        f"edit = {asked!r}\n"
        "predictions = {}\n"
        "for model in models:\n"
        "    inputs = prepare(model, clip)\n"
        "    plain = Edit(tuple(range(len(inputs.pictures))))\n"
        "    before, after = predictions[model.name] = ask(model, inputs, (plain, edit))\n"
        "    print(model.name, before.top(5), after.top(5))",
        imports=[
            "from maagn.explain.edits import Edit, Region, ask"
            if asked.blurred
            else "from maagn.explain.edits import Edit, ask",
            "from maagn.inference import prepare",
        ],
    )
    return str(script)


def fewest_code(question: Question) -> str:
    """The smallest set of frames without which each network answers otherwise."""
    script = prepared(question) + lines(
        "flips = {\n"
        "    model.name: minimal_counterfactual(model, prepare(model, clip)) for model in models\n"
        "}\n"
        "for name, flip in flips.items():\n"
        '    print(name, "no set flips it" if flip is None else (flip.gone, flip.answer.top(1)))',
        imports=[
            "from maagn.explain.edits import minimal_counterfactual",
            "from maagn.inference import prepare",
        ],
    )
    return str(script)


def modules_code(question: Question, name: str, changes: Changes) -> str:
    """One network's answers with its modules as they are, and as they were set.

    Args:
        question: what is on the page.
        name: of the network, one of the question's.
        changes: one a path.
    """
    listed = "".join(f"    {_change(each)},\n" for each in changes)
    script = prepared(question) + lines(
        f"model = models[{question.models.index(name)}]\n"
        f"changes = (\n{listed})\n"
        "trace = maagn.trace(model, clip)\n"
        "after = change(model, trace, changes)\n"
        "print(trace.prediction.top(5), after.top(5))",
        imports=["from maagn.explain.interventions import Intervention, change"],
    )
    return str(script)


def _change(intervention: Intervention) -> str:
    """The constructor's call with what differs from the network's own."""
    off = f"off=frozenset({sorted(intervention.off)!r})" if intervention.off else ""
    values = (
        f"{part}={getattr(intervention, part)!r}"
        for part in ("sdm", "mtam", "gate")
        if any(value is not None for value in getattr(intervention, part))
    )
    return f"Intervention({', '.join(filter(None, (off, *values)))})"


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
        """The largest absolute change of any class's logit."""
        return float(abs(self.after.logits - self.before.logits).max())


def outcomes(question: Question, edit: Edit, job: Job) -> tuple[Outcome, ...]:
    """Every network about the clip as it is and as edited: two forwards each."""
    clip = cache.clip(question.clip, question.models)
    found = []
    forwards = 2 * len(question.models)
    for index, name in enumerate(question.models):
        model = cache.model(name)
        inputs = prepare(model, clip)
        plain = Edit(tuple(range(len(inputs.pictures))))
        answers = []
        for number, shown in enumerate((plain, edit), start=2 * index):
            job.step(number / forwards, f"Forward {number + 1} of {forwards}, {name}")
            answers += ask(model, inputs, (shown,))
        before, after = answers
        relations = model.or_with(question.clip.pairs).relations
        found.append(Outcome(model.architecture.title, before, after, relations))
    return tuple(found)


def show_frames(inputs: ClipTensor, edit: Edit) -> None:
    """What the networks are shown, place by place, in one row."""
    shown = edited(inputs.pictures, edit)
    moved = [f"{i} ← {o}" if i != o else str(i) for i, o in enumerate(edit.order)]
    for column, picture, words in zip(
        st.columns(len(shown), gap="small"), shown, moved, strict=True
    ):
        column.image(picture, caption=words, width="stretch", alt=f"Frame shown at place {words}")


def of_networks_that_see(question: Question, frames: int) -> Question:
    """The question for the networks that see so many frames: an edit is told frame by frame.

    The page says who is left out.
    """
    counts = [cache.card(name).spec.frames for name in question.models]
    kept = [index for index, count in enumerate(counts) if count == frames]
    for name, count in zip(question.models, counts, strict=True):
        if count != frames:
            st.caption(
                f"{markdown(name)} sees {count} frames, the edit is of {frames}: it is not asked."
            )
    return replace(
        question,
        models=tuple(question.models[index] for index in kept),
        digests=tuple(question.digests[index] for index in kept),
    )


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
    """One column per network, then the numbers as a table.

    Args:
        found: what the networks said.
        about: the class whose probability is followed.
    """
    for column, one in zip(st.columns(len(found), gap="medium"), found, strict=True):
        with column:
            _network(one, about)
    title = f"Before and after: p of {about}, and the log ratio of p to its opposite's"
    elements.table(_rows(found, about), key="whatif", title=title)


def _network(outcome: Outcome, about: str) -> None:
    was, now = outcome.before.top(1)[0][0], outcome.after.top(1)[0][0]
    prediction.show_ranking(
        outcome.name,
        outcome.after.top(4),
        colour=colour(outcome.name),
        note="same prediction" if was == now else "another prediction",
    )
    place = outcome.before.labels.index(about)
    before, after = outcome.before.probabilities[place], outcome.after.probabilities[place]
    st.caption(
        f"{markdown(about)}: {percent(before)} → {percent(after)}. "
        f"Before, the prediction was {markdown(was)}."
    )
    if outcome.moved < 1e-5:
        st.caption("No logit changed by more than 0.00001.")


def _rows(found: Sequence[Outcome], about: str) -> pd.DataFrame:
    rows = []
    for one in found:
        place = one.before.labels.index(about)
        rows.append(
            {
                "network": one.name,
                "prediction before": one.before.top(1)[0][0],
                "prediction after": one.after.top(1)[0][0],
                "p before": round(float(one.before.probabilities[place]), 4),
                "p after": round(float(one.after.probabilities[place]), 4),
                "log ratio before": _margin(one.before, one.relations, about),
                "log ratio after": _margin(one.after, one.relations, about),
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


EDITS = ("Reverse", "Shuffle", "Freeze", "Swap halves", "Drop frames", "Mirror", "Speed", "Blur")
_SPEEDS = (0.5, 0.75, 1.5, 2.0)


def choose(kind: str, pictures: UInt8[np.ndarray, "t h w 3"], *, moment: int) -> Edit | None:
    """The edit of that kind; None while something is still to be chosen."""
    frames = len(pictures)
    plain = tuple(range(frames))
    match kind:
        case "Reverse":
            return Edit(reverse(frames))
        case "Shuffle":
            seed = st.number_input("Which shuffle", 0, 999, 0, key="seed", bind="query-params")
            return Edit(shuffle(frames, seed=int(seed)))
        case "Freeze":
            at = st.slider("Frame that stands", 0, frames - 1, moment, key="at")
            return Edit(freeze(frames, at=at))
        case "Swap halves":
            return Edit(swap_halves(frames))
        case "Drop frames":
            gone = st.pills("Frames to drop", plain, selection_mode="multi", key="gone")
            st.caption("A dropped frame shows the nearest one that is left.")
            if not gone or len(gone) == frames:
                st.info("Choose one or more frames, and keep at least one.")
                return None
            return Edit(drop(frames, gone=frozenset(gone)))
        case "Mirror":
            return Edit(plain, mirrored=True)
        case "Speed":
            session.heed_link("pace", _SPEEDS, what="speed")
            factor = st.segmented_control(
                "Pace", _SPEEDS, default=2.0, required=True, key="pace", bind="query-params",
                format_func=lambda x: f"{x:g} ×",
            )  # fmt: skip
            st.caption(
                "Applied to the sampled frames: faster repeats the last frame, slower cuts the end."
            )
            return Edit(speed(frames, factor=float(factor or 2.0)))
        case _:
            return _blur(pictures[moment], plain)


def _blur(picture: UInt8[np.ndarray, "h w 3"], plain: tuple[int, ...]) -> Edit | None:
    state = elements.figure(
        frame_to_draw_on(picture),
        key="region",
        title="Draw a rectangle on the frame",
        alt="The frame at the chosen moment; a rectangle drawn on it is blurred in the clip",
        on_select="rerun",
        selection_mode="box",
    )
    boxes = state.selection.box if state is not None else []
    if boxes:
        x, y = (sorted(min(max(float(v), 0.0), 1.0) for v in boxes[0][axis]) for axis in "xy")
    else:
        st.caption("Or by numbers, in shares of the frame:")
        x = list(st.slider("From left to right", 0.0, 1.0, (0.25, 0.75), key="blur_x"))
        y = list(st.slider("From top to bottom", 0.0, 1.0, (0.25, 0.75), key="blur_y"))
    if x[0] >= x[1] or y[0] >= y[1]:
        st.info("Draw a rectangle that has an area.")
        return None
    where = st.pills(
        "Only in frames (none chosen: in all)", plain, selection_mode="multi", key="in"
    )
    return Edit(plain, blurred=Region(x[0], y[0], x[1], y[1]), where=tuple(sorted(where)))


def show_fewest(question: Question) -> None:
    """Draw a sentence, and a table with one row per network."""
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
    elements.table(
        pd.DataFrame(found), key="fewest", title="The fewest frames that flip the prediction"
    )
    elements.python(fewest_code(question))


def _all(question: Question, job: Job) -> list[dict[str, object]]:
    clip = cache.clip(question.clip, question.models)
    rows = []
    for index, name in enumerate(question.models):
        job.step(index / len(question.models), f"Dropping frames for {name}")
        model = cache.model(name)
        own = predict(model, clip).top(1)[0]
        inputs = prepare(model, clip)
        sets = 2 ** len(inputs.pictures) - 2

        def step(tried: int, *, index: int = index, name: str = name, sets: int = sets) -> None:
            part = (index + tried / sets) / len(question.models)
            job.step(part, f"Dropping frames for {name}: {tried:,} of {sets:,} sets at most")

        flip = minimal_counterfactual(model, inputs, step=step)
        row = _row(flip, frames=len(inputs.pictures))
        rows.append({"network": model.architecture.title, "prediction": _said(own), **row})
    return rows


def _row(flip: MinimalCounterfactual | None, *, frames: int) -> dict[str, object]:
    if flip is None:  # every set was tried but that of none and that of all
        tried = 2**frames - 2
        return {"without frames": "none: no set flips it", "then predicts": "", "sets tried": tried}
    return {
        "without frames": ", ".join(map(str, flip.gone)),
        "then predicts": _said(flip.answer.top(1)[0]),
        "sets tried": flip.tried,
    }


def _said(answer: tuple[str, float]) -> str:
    return f"{answer[0]}, {percent(answer[1])}"
