"""Does the order decide it?"""

from app import elements, page
from app.predictions import answer
from app.views import arrow, arrow_run
from app.views.stage import facts_of
from app.work import worked_out

here = page.begin("Does the order of the frames decide it?")
question = here.question
found = worked_out(question, lambda job: answer(question, job), height=500)
if found is not None:
    elements.about(facts_of(found))
    arrow.show(found, here)
    elements.python(arrow.code(question))
arrow_run.show(here)
page.finish()
