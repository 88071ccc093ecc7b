"""Which models and data speak here?"""

import streamlit as st

from app import cache, evaluation, exhibit, page
from app.gallery.catalogue import gallery
from app.networks import groups
from app.panels import (
    notebook,
    settings_data,
    settings_evaluation,
    settings_machine,
    settings_models,
    settings_person,
)
from app.work import worked_out
from maagn.opposites.clip import OPPOSITES_LABELS

here = page.begin("Which models and data speak here?", clip=False)
settings_person.show()
there = groups()
names = [name for group in there.values() for name in group]
cards = [cache.card(name) for name in names]
costs = worked_out(
    ("costs", tuple(card.digest for card in cards)),
    lambda job: evaluation.costs(cards, job),
    height=300,
)
st.subheader("Networks", anchor=False)
settings_models.show(cards, costs or {}, loaded=cache.loaded())
st.subheader("Data", anchor=False)
settings_data.benchmark(len(gallery()))
found = worked_out(("results",), lambda _job: cache.results(), height=200)
if found is not None:
    settings_data.results(found, cards)
st.subheader("Machine", anchor=False)
settings_machine.show()
st.subheader("Run an evaluation", anchor=False)
known = [card.name for card in cards if card.labels == OPPOSITES_LABELS]
settings_evaluation.ask(known, here.question.models)
exhibit.python(notebook.cards(names))
begun = st.container()
page.finish()
with begun:  # last, because it watches what runs
    settings_evaluation.show()
