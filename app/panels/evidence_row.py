"""Figure 7 of the paper, for the clip on the page."""

import io

import streamlit as st
from PIL import Image

from app import exhibit
from app.answer import Answer
from maagn.figures.faithfulness import NETWORKS, figure_row


def show(answer: Answer) -> bool:
    """The row and its download; whether there is a network to draw it for."""
    if not any(report.model.spec.arch in NETWORKS for report in answer.reports):
        st.info("Figure 7 shows the maps of TSN, TSM and MAAGN: choose networks with one of them.")
        return False
    exhibit.words(
        "The paper's Figure 7 for this clip: the maps of TSN, TSM and MAAGN on one scale, which is "
        "told beneath. Values of different networks are logits of different networks: a paler row "
        "has smaller values, not a worse map."
    )
    drawn = figure_row(answer.reports)
    label = answer.reports[0].label
    st.image(drawn, width="stretch", alt=f"Frames, and maps of TSN, TSM and MAAGN for {label}")
    file = io.BytesIO()
    Image.fromarray(drawn).save(file, "PNG")
    st.download_button(
        "Download the row (PNG)", file.getvalue(), file_name="figure-7.png", mime="image/png",
        on_click="ignore",
    )  # fmt: skip
    return True
