"""Which models and data are used here?"""

import streamlit as st

from app import cache, elements, page
from app.gallery.catalogue import gallery
from app.networks import groups
from app.views import notebook, settings
from app.work import worked_out

page.begin("Which models and data are used here?", clip=False)
settings.show_person()
there = groups()
names = [name for group in there.values() for name in group]
cards = [cache.card(name) for name in names]
costs = worked_out(
    ("costs", tuple(card.digest for card in cards)),
    lambda job: settings.costs(cards, job),
    height=300,
)
st.subheader("Networks", anchor=False)
settings.show_models(cards, costs or {}, loaded=cache.loaded())
st.subheader("Data", anchor=False)
settings.benchmark(len(gallery()))
found = worked_out(("results",), lambda _job: cache.results(), height=200)
if found is not None:
    settings.results(found, cards)
st.subheader("Machine", anchor=False)
settings.show_machine()
elements.python(notebook.cards(names))
page.finish()
