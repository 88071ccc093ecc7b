"""Where is the evidence, and is it faithful?"""

import streamlit as st

from app import elements, page, session
from app.predictions import answer
from app.views import evidence, faithful, overlay_video
from app.views.stage import facts_of
from app.work import worked_out

session.of_this_page("view", "evidence")
session.heed_link("view", evidence.VIEWS, what="view")
session.heed_link("unit", faithful.UNITS, what="unit")
session.heed_link("test", faithful.DEPTHS, what="test")
here = page.begin("Where is the evidence, and is it faithful?")
question = here.question
view = st.segmented_control(
    "View", evidence.VIEWS, default="Map", required=True, key="view", bind="query-params"
)
session.keep_for_page("view", "evidence", view)
found = worked_out(question, lambda job: answer(question, job), height=500)
if found is not None:
    elements.about(facts_of(found))
    evidence.show(str(view), found, here)
    if view == "Map":
        overlay_video.offer(found)
    evidence.show_methods()
page.finish()
