"""The answer to a question: progress while it is worked out, then the player and the facts."""

import streamlit as st

from app.answer import QUEUE, Answer, ask
from app.jobs import Job
from app.panels import facts, failure
from app.panels.stage import player_view
from app.player import show_player
from app.selection import Question

_HEIGHT = 720  # about what the player takes, so that nothing jumps when it comes
_POLL_SECONDS = 0.3


def show(question: Question) -> None:
    """Draw the answer, or how far it is, or what went wrong."""
    job = ask(question)
    if not job.done:
        _wait(job)
        return
    error = job.future.exception()
    if error is None:
        _draw(job.future.result())
        return
    QUEUE.forget(question)
    failure.show(error)


@st.fragment(run_every=_POLL_SECONDS)
def _wait(job: Job) -> None:
    """Look at the job now and then; the rest of the page stays usable meanwhile."""
    if job.done:
        st.rerun()
    with st.container(height=_HEIGHT, border=False):
        st.progress(job.part, text=f"{job.doing} ...")


def _draw(answer: Answer) -> None:
    clip, choice = answer.clip, answer.question.clip
    for notice in clip.notices:
        st.warning(notice, icon=":material/build:")
    facts.show(answer.reports, truth=choice.label)
    show_player(player_view(answer), key="player")
