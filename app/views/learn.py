"""The tour: one step at a time, forwards once it is answered, and the score at its end."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from app import audits, elements, session
from app.components.player import PlayerView
from app.facts import vote_note
from app.page import named
from app.predictions import Answer
from app.selection import Question
from app.tour.lesson import PEOPLE, Finding, Lesson, Step, mask, other_clip
from app.tour.people_steps import steps
from app.tour.steps import STEPS
from app.views import learn_people, prediction
from app.views.learn_clips import bare, side_by_side, turned
from app.views.notebook import clip_lines, lines, prepared
from app.views.stage import player_view, time_charts
from maagn.explain.attention import MTAM
from maagn.figures.clips import reversal_arrows
from maagn.figures.layout import percent
from maagn.figures.masks import of_two_clips
from maagn.figures.palette import colour


def tour_code(question: Question) -> str:
    """Lines that ask every network about the clip in both orders, and MAAGN about two clips."""
    orders = lines(
        "reversals = {model.name: reversal(model, prepare(model, clip)) for model in models}\n"
        "for name, orders in reversals.items():\n"
        "    print(name, orders.forward.top(1), orders.backward.top(1), orders.change)",
        imports=[
            "from maagn.explain.reversal import reversal",
            "from maagn.inference import prepare",
        ],
    )
    masks = lines(
        "explained = [maagn.explain(models[0], clip) for clip in clips]\n"
        "weights = [mask.per_frame for report in explained for mask in report.masks"
        f' if mask.name == "{MTAM.on(0)}"]\n'
        "print(weights)",
    )
    first, second = lines("clips = [clip]"), lines("clips.append(clip)")
    other = clip_lines(other_clip())
    return str(prepared(question) + orders + first + other + second + masks)


def before(step: Step, lesson: Lesson) -> None:
    """The frames without any network's view: in reverse, or another clip's too, where it is so."""
    if lesson.people is not None and step.panel in PEOPLE:
        learn_people.before(step, lesson, lesson.people)
        return
    match step.panel:
        case "reversal":
            elements.player(turned(bare(lesson.answer)), key="tour-clip")
        case "clips":
            _clips(lesson, ("The tour's clip", _action(lesson.other)))
        case _:
            elements.player(bare(lesson.answer), key="tour-clip")


def after(step: Step, lesson: Lesson, said: tuple[str, ...]) -> None:
    """The finding, beside what the learner predicted, then the live view that it speaks of."""
    _verdict(step, lesson, said)
    if lesson.people is not None and step.panel in PEOPLE:
        learn_people.after(step, lesson, lesson.people)
        return
    match step.panel:
        case "clip":
            elements.player(bare(lesson.answer), key="tour-clip")
        case "networks":
            prediction.show_facts(lesson.answer.reports, truth=lesson.truth)
        case "masks":
            elements.player(_with_charts(lesson, masks=True), key="tour-masks")
        case "clips":
            _two_masks(lesson)
            _clips(lesson, (_action(lesson.answer), _action(lesson.other)))
        case "gates":
            elements.player(_with_charts(lesson, masks=False), key="tour-gates")
        case "paths":
            _paths(lesson)
        case "evidence":
            elements.player(player_view(lesson.answer, charts=()), key="tour-evidence")
        case "reversal":
            _reversal(lesson)


def _verdict(step: Step, lesson: Lesson, said: tuple[str, ...]) -> None:
    finding: Finding = step.finding(lesson)
    mine = ", ".join(said) or "None of them"
    computed = ", ".join(finding.right) or "None of them"
    if not step.scored:
        st.info(f"You said **{mine}**; computed: **{computed}**.", icon=":material/compare_arrows:")
    elif step.right(said, lesson):
        st.success(f"✓ Right: **{mine}**.")
    else:
        st.warning(f"✗ You said **{mine}**; computed: **{computed}**.")
    elements.words(finding.words, key="tour-finding")


def _action(answer: Answer) -> str:
    return str(answer.question.clip.label)


def _clips(lesson: Lesson, names: tuple[str, str]) -> None:
    """The tour's clip and the other one, each under its name."""
    one, other = (
        bare(answer, title=name)
        for answer, name in zip((lesson.answer, lesson.other), names, strict=True)
    )
    side_by_side({"tour-clip": one, "tour-other": other})


def _two_masks(lesson: Lesson) -> None:
    """MTAM's sum for both clips on one axis, and where nine of ten clips lie, if that is known."""
    model = lesson.maagn.model
    found = {
        _action(answer): mask(answer.reports[0], MTAM) for answer in (lesson.answer, lesson.other)
    }
    weights = {name: one.per_frame for name, one in found.items()}
    first, second = found
    channels = next(iter(found.values())).values.shape[1:]
    elements.figure(
        of_two_clips(weights, MTAM, band=audits.band_of(model, MTAM, 0)),
        key="tour-two-masks",
        title="MTAM, sum, on the path of all frames"
        + (f": means over {channels[0]} channels" if channels else ""),
        alt=f"The weight of each frame of {first} and of {second}, one line a clip.",
        table=pd.DataFrame({"frame": range(1, 1 + len(weights[first])), **weights}),
        arrays={name: one.values for name, one in found.items()},
    )


def _with_charts(lesson: Lesson, *, masks: bool) -> PlayerView:
    """MAAGN's map over the clip, with its masks or with its gates beneath."""
    charts = time_charts(lesson.answer, with_masks=masks, with_gates=not masks)
    view = player_view(lesson.answer, charts=charts)
    return replace(view, overlays=view.overlays[:1])


def _paths(lesson: Lesson) -> None:
    report = lesson.maagn
    for column, level, votes in zip(
        st.columns(len(report.model.spec.levels)),
        report.model.spec.levels,
        report.prediction.path_probabilities,
        strict=True,
    ):
        order = np.argsort(-votes, kind="stable")[:5]
        rows = [(report.model.labels[i], float(votes[i])) for i in order]
        with column:
            prediction.show_ranking(
                f"res{level}",
                rows,
                colour=colour("MAAGN"),
                note=vote_note(report.model),
            )


def _reversal(lesson: Lesson) -> None:
    """Forwards against backwards of every network, then the frames as they were shown."""
    rows = reversal_rows(lesson)
    elements.table(rows, key="tour-reversal", title="The same frames, forwards and backwards")
    elements.figure(
        reversal_arrows(lesson.reversals, label=lesson.truth, opposite=lesson.opposite),
        key="tour-arrows",
        title=f"{lesson.truth} ↔ {lesson.opposite}",
        alt="How far each network's log ratio of the two opposite actions moves when the frames "
        "are reversed.",
        table=rows,
        arrays={
            f"{name}.{way}": logits
            for name, one in lesson.reversals.items()
            for way, logits in (("forward", one.forward.logits), ("backward", one.backward.logits))
        },
    )
    elements.player(turned(bare(lesson.answer)), key="tour-turned")


def reversal_rows(lesson: Lesson) -> pd.DataFrame:
    """One row per network: both answers, both log ratios, and the largest change of a logit."""
    rows = []
    for name, found in lesson.reversals.items():
        (one, p), (other, q) = found.forward.top(1)[0], found.backward.top(1)[0]
        there, back = found.margins(lesson.truth, lesson.opposite)
        rows.append(
            {
                "network": name,
                "forwards": f"{one}, {percent(p)}",
                "backwards": f"{other}, {percent(q)}",
                "log ratio forwards": f"{there:+.2f}",
                "log ratio backwards": f"{back:+.2f}",
                "largest change of a logit": f"{found.change:.2g}",
            }
        )
    return pd.DataFrame(rows)


def ask(step: Step, number: int) -> tuple[str, ...] | None:
    """The learner's prediction; None while there is none, and then a form asks for it.

    Args:
        step: what is asked.
        number: its place in the tour, from 0.
    """
    said = session.tour_answers().get(number)
    if said is not None:
        return said
    with st.form(f"tour-{number}", border=True):
        st.markdown(f"**{step.ask}**")
        chosen: tuple[str, ...]
        if step.kind == "one":
            one = st.radio(
                step.ask, step.options, index=None, key=f"tour-one-{number}",
                horizontal=True, label_visibility="collapsed",
            )  # fmt: skip
            chosen = () if one is None else (one,)
        else:
            st.caption("Choose any number, or none.")
            chosen = tuple(
                name for name in step.options if st.checkbox(name, key=f"{number}-{name}")
            )
        sent = st.form_submit_button(
            "Show what was computed", type="primary", key=f"tour-show-{number}"
        )
    if sent and step.accepts(chosen):
        session.tour_answers()[number] = chosen
        st.rerun()
    if sent:
        st.warning("Choose an answer first; a guess is fine.", icon=":material/touch_app:")
    return None


def show_tour(lesson: Lesson, number: int) -> None:
    """Draw the step of that number, from 0."""
    tour = steps(lesson.people)
    step = tour[number]
    st.progress((number + 1) / len(tour), text=f"Step {number + 1} of {len(tour)}")
    st.subheader(step.title, anchor=False)
    elements.words(step.text, key="tour-text")
    said = ask(step, number)
    if said is None:
        before(step, lesson)
    else:
        elements.words(f"**{step.ask}**", key="tour-question")
        after(step, lesson, said)
        _look_further(step, lesson)
        if number + 1 in (len(STEPS), len(tour)):
            _score(lesson, tour[: number + 1])
    _ways(number, len(tour), answered=said is not None)


def _look_further(step: Step, lesson: Lesson) -> None:
    if lesson.people is not None and step.panel in PEOPLE:
        learn_people.look_further(step, lesson.people)
        return
    page = named(step.page)
    link = lesson.answer.question.clip.link
    st.page_link(
        page,
        label=f"Look further with this clip: {page.title}",
        query_params={"clip": link} if link else None,
    )


def _ways(number: int, count: int, *, answered: bool) -> None:
    """Back is always open, on only when the learner has predicted; people can be skipped to."""
    with st.container(horizontal=True):
        if st.button("Back", icon=":material/arrow_back:", disabled=number == 0, key="tour-back"):
            session.put_step(number - 1)
            st.rerun()
        if number < count - 1 and st.button(
            "Next", icon=":material/arrow_forward:", disabled=not answered, key="tour-next"
        ):
            session.put_step(number + 1)
            st.rerun()
        if number < len(STEPS) - 1 < count - 1 and st.button(
            "Skip to people", key="tour-skip", type="tertiary"
        ):
            session.put_step(len(STEPS))
            st.rerun()
        if session.tour_answers() and st.button("Begin again", key="tour-again", type="tertiary"):
            session.tour_answers().clear()
            session.put_step(0)
            st.rerun()


def _score(lesson: Lesson, tour: Sequence[Step]) -> None:
    """How many of the predictions were what was computed, of the steps so far."""
    answers = session.tour_answers()
    scored = [i for i, step in enumerate(tour) if step.scored]
    right = [i for i in scored if i in answers and tour[i].right(answers[i], lesson)]
    st.metric("Your score", f"{len(right)} of {len(scored)}", border=True)
    left = [str(i + 1) for i in range(len(tour)) if i not in answers]
    if left:
        st.caption(f"Not answered yet: step {', '.join(left)}.")
    for i in scored:
        if i in answers:
            mark = "✓ right" if i in right else "✗ not as computed"
            st.markdown(f"{i + 1}. {tour[i].title}: {mark}")
