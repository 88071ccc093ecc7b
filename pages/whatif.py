"""What would change the prediction?"""

import streamlit as st

from app import elements, page, session
from app.predictions import answer
from app.views import whatif, whatif_modules
from app.views.stage import facts_of, moment_of
from app.work import worked_out

KINDS = (*whatif.EDITS, "Fewest frames", "Modules")

here = page.begin("What would change the prediction?")
question = here.question
session.heed_link("edit", KINDS, what="edit")
kind = st.segmented_control(
    "Change", KINDS, default="Reverse", required=True, key="edit", bind="query-params"
)
if kind == "Modules":
    whatif_modules.show(here)  # with its own foot: it is drawn anew by itself
elif kind == "Fewest frames":
    whatif.show_fewest(question)
else:
    found = worked_out(question, lambda job: answer(question, job), height=500)
    if found is not None:
        elements.about(facts_of(found))
        first = found.reports[0].inputs
        edit = whatif.choose(str(kind), first.pictures, moment=moment_of(found, here.moment))
        if edit is not None:
            whatif.show_frames(first, edit)
            asked = whatif.of_networks_that_see(question, len(first.pictures))
            whatif.show(asked, edit)
            elements.python(whatif.edit_code(asked, edit))
if kind != "Modules":
    page.finish()
