"""Which of one's own actions can the networks learn to tell apart?"""

import streamlit as st

from app import cache, page, session
from app.components import browser_id
from app.server import login
from app.views import collect, teach

here = page.begin("Can the networks tell your own actions apart?", clip=False)
owner = session.owner()
models = teach.bases(here.question.models)
frames = max(cache.card(name).spec.frames for name in models)
chosen = teach.choose(owner, frames=frames)
if chosen is not None:
    if not login.wanted():
        browser_id.keep(session.browser())
    collect.show(owner, chosen, frames=frames)
    st.divider()
    teach.show(owner, chosen, models)
page.finish()
