"""What would change the answer?"""

import streamlit as st

from app import exhibit, page, session
from app.answer import answer
from app.panels import whatif, whatif_edit, whatif_fewest, whatif_modules, whatif_notebook
from app.work import worked_out

KINDS = (*whatif_edit.EDITS, "Fewest frames", "Modules")

here = page.begin("What would change the answer?")
question = here.question
session.heed_link("edit", KINDS, what="edit")
kind = st.segmented_control(
    "Change", KINDS, default="Reverse", required=True, key="edit", bind="query-params"
)
if kind == "Modules":
    whatif_modules.show(here)  # with its own foot: it is drawn anew by itself
elif kind == "Fewest frames":
    whatif_fewest.show(question)
else:
    found = worked_out(question, lambda job: answer(question, job), height=500)
    if found is not None:
        first = found.reports[0].inputs
        edit = whatif_edit.choose(str(kind), first.pictures, moment=here.moment)
        if edit is not None:
            whatif.show_frames(first, edit)
            whatif.show(question, edit)
            exhibit.python(whatif_notebook.edit(question, edit))
if kind != "Modules":
    page.finish()
