"""What is happening in this clip, and why do the networks say so?"""

from app import exhibit, page
from app.answer import answer
from app.panels import answer as panel
from app.panels import notebook
from app.work import worked_out

here = page.begin("What is happening, and why do the networks say so?")
question = here.question
found = worked_out(question, lambda job: answer(question, job), height=720)
if found is not None:
    panel.show(found, here)
    exhibit.python(notebook.explain(found))
page.finish()
