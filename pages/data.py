"""What is in the data?"""

import streamlit as st

from app import elements, page, session
from app.views import notebook
from app.views.data import classes, show_choice, show_grid
from maagn.data.index import Index
from maagn.data.registry import registered

page.begin("What is in the data?", clip=False)
there = {data.name: data for data in registered()}
if there:
    session.heed_link("set", list(there), what="data set")
    data = there[st.selectbox("Data set", list(there), key="set", bind="query-params")]
    index = Index(data)
    show_grid(data, show_choice(index))
    classes(index)
else:
    st.info("No data set is registered yet. Register a folder or a list, then browse it here:")
    st.code("maagn data register /path/to/the/data --split val", language=None)
    elements.python(notebook.data_sets())
page.finish()
