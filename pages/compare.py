"""Where does one network beat another?"""

import streamlit as st

from app import cache, page
from app.panels import compare, compare_choice, failure
from maagn.errors import MaagnError

title, choice = st.container(), st.container()  # the title names what is chosen under it
duel = None
try:
    with choice:
        duel = compare_choice.choose(cache.results())
except MaagnError as error:
    failure.show(error)
with title:
    first, second = (
        ("one network", "another") if duel is None else (duel.first.name, duel.second.name)
    )
    page.begin(f"Where does {first} beat {second}?", clip=False)
if duel is not None:
    compare.show(duel)
page.finish()
