"""What is in the data? Browse sets of videos, register one, evaluate networks on it."""

import streamlit as st

from app import elements, page, session
from app.views import evaluate, notebook, register
from app.views.data import classes, show_choice, show_grid
from maagn.data.index import Index
from maagn.data.registry import registered

VIEWS = ("Browse", "Register", "Evaluate")

here = page.begin("What is in the data?", clip=False)
there = {data.name: data for data in registered()}
session.put_chosen("view")
session.of_this_page("view", "data")
session.heed_link("view", VIEWS, what="view")
view = st.segmented_control(
    "View", VIEWS, default=VIEWS[0], required=True, key="view", bind="query-params",
    label_visibility="collapsed",
)  # fmt: skip
session.keep_for_page("view", "data", view)
begun = None
match view:
    case "Register":
        register.show()
    case "Evaluate":
        evaluate.ask(here.question.models)
        st.subheader("Evaluations", anchor=False)
        begun = st.container()
    case _ if there:
        session.put_chosen("set")
        session.heed_link("set", list(there), what="data set")
        data = there[st.selectbox("Data set", list(there), key="set", bind="query-params")]
        index = Index(data)
        show_grid(data, show_choice(index))
        classes(index)
    case _:
        st.info("No data set is registered yet. Register a folder of videos, then browse it here.")
        st.button("Register", on_click=session.choose_later, args=("view", "Register"))
        st.caption("The command line does the same:")
        st.code("maagn data register /path/to/the/data --split val", language=None)
        elements.python(notebook.data_sets())
page.finish()
if begun is not None:
    with begun:  # last, because it watches what runs
        evaluate.show_all()
