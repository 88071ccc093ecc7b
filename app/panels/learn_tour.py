"""The tour: one step at a time, forwards once it is answered, and the score at its end."""

import streamlit as st

from app import exhibit, session
from app.page import named
from app.panels import learn_reveal, learn_step
from app.tour.lesson import Lesson
from app.tour.step import Step
from app.tour.steps import STEPS


def show(lesson: Lesson, number: int) -> None:
    """The step of that number, from 0."""
    step = STEPS[number]
    st.progress((number + 1) / len(STEPS), text=f"Step {number + 1} of {len(STEPS)}")
    st.subheader(step.title, anchor=False)
    exhibit.words(step.text, key="tour-text")
    said = learn_step.ask(step, number)
    if said is None:
        learn_reveal.before(step, lesson)
    else:
        exhibit.words(f"**{step.ask}**", key="tour-question")
        learn_reveal.after(step, lesson, said)
        _look_further(step, lesson)
        if number == len(STEPS) - 1:
            _score(lesson)
    _ways(number, answered=said is not None)


def _look_further(step: Step, lesson: Lesson) -> None:
    page = named(step.page)
    link = lesson.answer.question.clip.link
    st.page_link(
        page,
        label=f"Look further with this clip: {page.title}",
        query_params={"clip": link} if link else None,
    )


def _ways(number: int, *, answered: bool) -> None:
    """Back is always open, on only when the learner has predicted."""
    with st.container(horizontal=True):
        if st.button("Back", icon=":material/arrow_back:", disabled=number == 0, key="tour-back"):
            session.put_step(number - 1)
            st.rerun()
        last = number == len(STEPS) - 1
        if not last and st.button(
            "Next", icon=":material/arrow_forward:", disabled=not answered, key="tour-next"
        ):
            session.put_step(number + 1)
            st.rerun()
        if session.tour_answers() and st.button("Begin again", key="tour-again", type="tertiary"):
            session.tour_answers().clear()
            session.put_step(0)
            st.rerun()


def _score(lesson: Lesson) -> None:
    """How many of the predictions were what was computed."""
    answers = session.tour_answers()
    scored = [i for i, step in enumerate(STEPS) if step.scored]
    right = [i for i in scored if i in answers and STEPS[i].right(answers[i], lesson)]
    st.metric("Your score", f"{len(right)} of {len(scored)}", border=True)
    left = [str(i + 1) for i in range(len(STEPS)) if i not in answers]
    if left:
        st.caption(f"Not answered yet: step {', '.join(left)}.")
    for i in scored:
        if i in answers:
            mark = "✓ right" if i in right else "✗ not as computed"
            st.markdown(f"{i + 1}. {STEPS[i].title}: {mark}")
