"""Which opposites are confused?"""

import streamlit as st

from app import cache, exhibit, page, session
from app.panels import (
    errors_gallery,
    errors_matrix,
    errors_notes,
    errors_pairs,
    errors_slices,
    errors_two,
    notebook,
)

VIEWS = ("Pairs", "Matrix", "Slices", "Wrong clips", "Notes")

here = page.begin("Which opposites are confused?", clip=False)
results = cache.results()
left, right = st.columns([1, 2])
session.heed_link("m", results.models, what="network")
name = left.selectbox("Network", results.models, key="m", bind="query-params")
session.heed_link("view", VIEWS, what="view")
view = right.segmented_control(
    "View", VIEWS, default="Pairs", required=True, key="view", bind="query-params"
)
answers = results.of(name)
pinned = session.pinned()
if pinned is not None:
    st.button(f"Unpin {pinned.name}", on_click=session.unpin)
    if here.clip.drawn is not None and here.clip != pinned:
        errors_two.show(name, pinned, here.clip)
    else:
        st.info("Pinned. Open another test clip, and come back: the two stand side by side.")
match view:
    case "Pairs":
        errors_pairs.show(answers)
    case "Matrix":
        errors_matrix.show(answers)
    case "Slices":
        errors_slices.show(answers)
    case "Wrong clips":
        errors_gallery.show(answers)
    case _:
        errors_notes.show(here.clip, name)
exhibit.python(notebook.confusion(name))
page.finish()
