"""Two clips side by side, each with its player and a network's answer."""

import streamlit as st

from app import cache, exhibit
from app.answer import Answer, answer
from app.jobs import Job
from app.literal import markdown
from app.panels.stage import player_view
from app.selection import ClipChoice, Question
from app.work import worked_out
from maagn.explain.cam import FIRST_LAYER, METHODS


def show(model: str, first: ClipChoice, second: ClipChoice) -> None:
    """The pinned clip on the left, the sidebar's on the right."""
    for column, choice in zip(st.columns(2, gap="large"), (first, second), strict=True):
        question = Question(
            choice, (model,), None, next(iter(METHODS)), FIRST_LAYER, (cache.card(model).digest,)
        )

        def work(job: Job, asked: Question = question) -> Answer:
            return answer(asked, job)

        with column:
            st.markdown(f"**{markdown(choice.name)}**")
            found = worked_out(question, work, height=500)
            if found is not None:
                best, probability = found.reports[0].prediction.top(1)[0]
                known = choice.label in found.reports[0].model.labels
                right = "✓ right" if best == choice.label else "✗ wrong"
                verdict = right if known else "does not know this class"
                st.caption(f"{verdict}: {markdown(best)}, {probability:.0%}")
                exhibit.player(player_view(found), key=f"two-{choice.link}")
