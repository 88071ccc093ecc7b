"""Where does one network beat another?"""

from functools import partial

import streamlit as st

from app import elements, page, session
from app.controls import AUTOMATIC
from app.views import compare, compare_choice, recorded
from maagn.errors import MaagnError

title, choice = st.container(), st.container()  # the title names what is chosen under it
duel, here, results = None, page.selection(), None
try:
    if here is not None:
        results = recorded.recorded(here)
    if results is not None and compare_choice.comparable(results):
        with choice:
            duel = compare_choice.choose(results)
except MaagnError as error:
    with choice:
        elements.show(error)
with title:
    first, second = (
        ("one network", "another") if duel is None else (duel.first.name, duel.second.name)
    )
    sides = compare_choice.networks(duel) if duel and here and here.run else None
    page.begin(f"Where does {first} beat {second}?", clip=False, networks=sides)
if results is not None:
    if duel is not None:
        recorded.missing(results.missing)
        st.caption(compare.about(duel, results))
        elements.sheet().run = results.line
        compare.show(duel, results)
    elif results.missing:
        recorded.show(results.missing, beside=results.results.models)
    elif not compare_choice.comparable(results):
        elements.dead_end(
            "A comparison needs two networks, and there is only one here: choose another run, or "
            "evaluate a second network on the same clips.",
            key="two",
            ways={
                f"Choose {AUTOMATIC}": partial(session.choose_later, "run", AUTOMATIC),
                "Evaluate on Data": partial(page.open_data, "Evaluate"),
            },
        )
page.finish()
