"""What is happening in this clip, and why do the networks say so?"""

import streamlit as st

from app import controls
from app.panels import answer, provenance

st.header("What is happening, and why do the networks say so?", anchor=False)
if not controls.models():
    st.info("There are no models in checkpoints/ yet. Train one: `make models`.")
    st.stop()
clip = controls.choose_clip()
question = None if clip is None else controls.choose_question(clip)
provenance.show(controls.models())
if question is None:
    st.info("Choose a clip of the gallery, or upload your own, on the left.")
else:
    answer.show(question)
