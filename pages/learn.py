"""How does a network tell opening from closing?"""

from dataclasses import replace

import streamlit as st

from app import elements, page, session
from app.elements import markdown
from app.tour.lesson import about, learn, networks
from app.tour.steps import STEPS
from app.views.learn import show_tour, tour_code
from app.work import worked_out

number = session.step_in_link(len(STEPS))
four = networks()
here = page.begin("How does a network tell opening from closing?", clip=False, networks=four)
if four is None:
    st.info(
        "The tour is about the four demonstration networks, which are not all in checkpoints/: "
        "`make models` trains them."
    )
else:
    chosen = here.question.models
    if chosen != four:
        st.info(
            f"The tour is about the demonstration networks, {markdown(', '.join(four))}. Those "
            f"chosen on the left, {markdown(', '.join(chosen))}, are not asked here.",
            icon=":material/school:",
        )
    question = about(replace(here.question, models=four))
    lesson = worked_out(("learn", question), lambda job: learn(question, job), height=720)
    if lesson is not None:
        show_tour(lesson, number)
        elements.python(tour_code(question))
page.finish()
