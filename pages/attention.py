"""When does it look?"""

from app import elements, page
from app.views import attention, intermediates, notebook
from app.views.stage import facts_of

here = page.begin("When does it look?")
found = intermediates.worked(here)
if found is not None:
    elements.about(facts_of(found[0], path=f"res{found[1].level}"))
    frame = attention.show(*found, here)
    code = notebook.steps(here.question, path=here.path, frame=frame, numbers=range(1, 14))
    elements.python(code)
page.finish()
