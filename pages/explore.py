"""What is happening in this clip, and why do the networks say so?"""

from app import elements, page
from app.predictions import answer
from app.views import notebook, overlay_video
from app.views import prediction as panel
from app.views.stage import facts_of
from app.work import worked_out

here = page.begin("What is happening, and why do the networks say so?")
question = here.question
found = worked_out(question, lambda job: answer(question, job), height=720)
if found is not None:
    elements.about(facts_of(found))
    panel.show(found, here)
    overlay_video.offer(found)
    elements.python(notebook.explain(found))
page.finish()
