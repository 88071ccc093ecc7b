"""Where does one network beat another?"""

import streamlit as st

from app import elements, page
from app.views import compare, compare_choice, recorded
from maagn.errors import MaagnError

title, choice = st.container(), st.container()  # the title names what is chosen under it
duel, here, results = None, page.selection(), None
try:
    if here is not None:
        results = recorded.recorded(here.question.models)
    if results is not None and len(results.results.predictions) > 1:
        with choice:
            duel = compare_choice.choose(results.results)
except MaagnError as error:
    with choice:
        elements.show(error)
with title:
    first, second = (
        ("one network", "another") if duel is None else (duel.first.name, duel.second.name)
    )
    page.begin(f"Where does {first} beat {second}?", clip=False)
if results is not None:
    if duel is not None:
        recorded.missing(results.missing)
        st.caption(results.about)
        compare.show(duel, results)
    elif results.missing:
        with_results = [answers.model for answers in results.results]
        recorded.show(results.missing, beside=with_results)
    else:
        st.info("A comparison needs two networks, and only one is chosen on the left.")
page.finish()
