"""Which stream wins?"""

from app import elements, page
from app.predictions import stepped
from app.views import gating, notebook
from app.work import worked_out

here = page.begin("Which stream wins?")
question = here.question
found = worked_out(("steps", question, here.path), lambda job: stepped(here, job), height=720)
if found is not None:
    frame = gating.show(*found, here)
    code = notebook.steps(question, path=here.path, frame=frame, numbers=range(14, 17))
    elements.python(code)
page.finish()
