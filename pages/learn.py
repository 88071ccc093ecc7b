"""How does a network tell opening from closing?"""

from app import exhibit, page, session
from app.panels import learn_notebook, learn_tour
from app.tour.lesson import about, learn
from app.tour.steps import STEPS
from app.work import worked_out

number = session.step_in_link(len(STEPS))
here = page.begin("How does a network tell opening from closing?", clip=False)
question = about(here.question)
lesson = worked_out(("learn", question), lambda job: learn(question, job), height=720)
if lesson is not None:
    learn_tour.show(lesson, number)
    exhibit.python(learn_notebook.reverse(question))
page.finish()
