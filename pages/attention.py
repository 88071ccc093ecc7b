"""When does it look?"""

from app import elements, page
from app.predictions import stepped
from app.views import attention, notebook
from app.work import worked_out

here = page.begin("When does it look?")
question = here.question
found = worked_out(("steps", question, here.path), lambda job: stepped(here, job), height=720)
if found is not None:
    frame = attention.show(*found, here)
    code = notebook.steps(question, path=here.path, frame=frame, numbers=range(1, 14))
    elements.python(code)
page.finish()
