"""How does a network tell opening from closing?"""

from dataclasses import replace

import streamlit as st

from app import elements, page, session
from app.elements import markdown
from app.tour.lesson import about, learn, networks
from app.tour.people import people
from app.tour.people_steps import steps
from app.tour.steps import STEPS
from app.views.learn import show_tour, tour_code
from app.views.learn_people import people_code
from app.work import worked_out

four, walking = networks(), people()
number = session.step_in_link(len(steps(walking)))
of_people = walking is not None and number >= len(STEPS)
told = walking.networks if walking is not None and of_people else four
here = page.begin("How does a network tell opening from closing?", clip=False, networks=told)
if four is None or told is None:
    st.info(
        "The tour is about the four demonstration networks, which are not all in checkpoints/. "
        "This trains them:"
    )
    st.code("make models", language="bash")
else:
    chosen = here.question.models
    if chosen not in (four, told):
        st.info(
            f"The tour is about the demonstration networks, {markdown(', '.join(four))}. Those "
            f"chosen on the left, {markdown(', '.join(chosen))}, are not asked here.",
            icon=":material/school:",
        )
    question = about(replace(here.question, models=four))
    lesson = worked_out(("learn", question), lambda job: learn(question, job), height=720)
    if lesson is not None:
        show_tour(replace(lesson, people=walking), number)
        elements.python(people_code() if of_people else tour_code(question))
page.finish()
