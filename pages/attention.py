"""When does it look?"""

from app import exhibit, page
from app.panels import attention, notebook
from app.stepped import stepped
from app.work import worked_out

here = page.begin("When does it look?")
question = here.question
found = worked_out(("steps", question, here.path), lambda job: stepped(here, job), height=720)
if found is not None:
    frame = attention.show(*found, here)
    code = notebook.steps(question, path=here.path, frame=frame, numbers=range(1, 14))
    exhibit.python(code)
page.finish()
