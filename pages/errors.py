"""Which opposites are confused?"""

import streamlit as st

from app import controls, elements, page, session
from app.views import errors, neighbours, notebook, notes, recorded, slices
from maagn.errors import MaagnError

VIEWS = ("Pairs", "Matrix", "Slices", "Neighbours", "Wrong clips", "Notes")

chosen, results, damage = page.selection(), None, None
try:
    results = None if chosen is None else recorded.recorded(chosen)
except MaagnError as error:
    damage = error
of_run = results.present if results is not None and chosen and chosen.run else None
here = page.begin("Which opposites are confused?", clip=False, networks=of_run)
if damage is not None:
    elements.show(damage)
names = here.question.models
with_results = results.results.models if results is not None else ()
if here.run is not None:
    names = with_results or names
left, right = st.columns([1, 2])
start = names.index(with_results[0]) if with_results else 0
session.heed_link("m", names, what="network", default=names[start])
name = left.selectbox("Network", names, index=start, key="m", bind="query-params")
session.of_this_page("view", "errors")
session.heed_link("view", VIEWS, what="view")
view = right.segmented_control(
    "View", VIEWS, default="Pairs", required=True, key="view", bind="query-params"
)
session.keep_for_page("view", "errors", view)
pinned = session.pinned(controls.linked)
if pinned is not None:
    st.button(f"Unpin {elements.markdown(pinned.name)}", on_click=session.unpin)
    opened_here = here.clip.drawn is not None or here.clip.root is not None
    if opened_here and here.clip != pinned:
        readers = results.readers if results is not None else here.question.models
        errors.show_two(name if name in readers else readers[0], pinned, here.clip)
    else:
        st.info("Pinned. Open another clip of this page and come back to see the two side by side.")
if view == "Notes":
    notes.show(here.clip, name)
elif results is not None and name not in with_results:
    recorded.show((name,), beside=with_results)
elif results is not None:
    recorded.missing(results.missing)
    answers = results.results.of(name)
    st.caption(results.about)
    elements.sheet().run = results.line
    elements.python(notebook.confusion(results.sources[name]))
    match view:
        case "Pairs":
            errors.show_pairs(results, answers)
        case "Matrix":
            errors.show_matrix(results, answers)
        case "Slices":
            slices.show(results, answers)
        case "Neighbours":
            neighbours.show(results, answers)
        case _:
            errors.show_gallery(results, answers)
page.finish()
