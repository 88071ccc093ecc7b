"""Which stream wins?"""

from app import elements, page
from app.views import gating, intermediates, notebook
from app.views.stage import facts_of

here = page.begin("Which stream wins?")
found = intermediates.worked(here)
if found is not None:
    elements.about(facts_of(found[0], path=f"res{found[1].level}"))
    frame = gating.show(*found, here)
    code = notebook.steps(here.question, path=here.path, frame=frame, numbers=range(14, 17))
    elements.python(code)
page.finish()
