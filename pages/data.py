"""What is in the data?"""

import streamlit as st

from app import exhibit, page, session
from app.panels import data_choice, data_grid, notebook
from maagn.data.index import Index
from maagn.data.registry import registered

page.begin("What is in the data?", clip=False)
there = {data.name: data for data in registered()}
if there:
    session.heed_link("set", list(there), what="data set")
    data = there[st.selectbox("Data set", list(there), key="set", bind="query-params")]
    index = Index(data)
    data_grid.show(data, data_choice.show(index))
    data_choice.classes(index)
else:
    st.info("No data set is registered yet. Register a folder or a list once, then browse it here:")
    st.code("maagn data register /path/to/the/data --split val", language=None)
    exhibit.python(notebook.data_sets())
page.finish()
