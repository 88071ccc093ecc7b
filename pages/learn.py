"""How does a network tell opening from closing?"""

from app import exhibit, page
from app.panels import learn_notebook, learn_tour
from app.tour.lesson import about, learn
from app.work import worked_out

here = page.begin("How does a network tell opening from closing?", clip=False)
question = about(here.question)
lesson = worked_out(("learn", question), lambda job: learn(question, job), height=720)
if lesson is not None:
    learn_tour.show(lesson)
    exhibit.python(learn_notebook.reverse(question))
page.finish()
