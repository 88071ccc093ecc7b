"""Which stream wins?"""

from app import elements, page
from app.views import gating, intermediates, notebook

here = page.begin("Which stream wins?")
found = intermediates.worked(here)
if found is not None:
    frame = gating.show(*found, here)
    code = notebook.steps(here.question, path=here.path, frame=frame, numbers=range(14, 17))
    elements.python(code)
page.finish()
