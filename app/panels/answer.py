"""The answer to a question: progress while it is worked out, then the player and the facts."""

import time

import streamlit as st

from app.answer import QUEUE, Answer, ask
from app.jobs import Job
from app.panels import facts, failure
from app.panels.stage import player_view
from app.player import show_player
from app.selection import Question
from maagn.errors import DecodeTimeout, MaagnError

_HEIGHT = 720  # about what the player takes, so that nothing jumps when it comes
_LOOK_SECONDS = 0.1


def show(question: Question) -> None:
    """Draw the answer, or how far it is, or what went wrong."""
    job = ask(question)
    _wait(job)
    error = job.future.exception()
    if error is None:
        _draw(job.future.result())
        return
    if isinstance(error, DecodeTimeout) or not isinstance(error, MaagnError):
        QUEUE.forget(question)  # another time it may go well
    failure.show(error)


def _wait(job: Job) -> None:
    """Show how far the job is until it is done.

    The page stays usable: whatever a visitor does meanwhile ends this run of the script at the next
    look, and begins another. (A fragment that looks at the job by itself can lose its timer when
    two runs follow each other closely.)
    """
    slot = st.empty()
    while not job.done:
        with slot.container(height=_HEIGHT, border=False):
            st.progress(job.part, text=f"{job.doing} ...")
        time.sleep(_LOOK_SECONDS)
    slot.empty()


def _draw(answer: Answer) -> None:
    clip, choice = answer.clip, answer.question.clip
    for notice in clip.notices:
        st.warning(notice, icon=":material/build:")
    facts.show(answer.reports, truth=choice.label)
    show_player(player_view(answer), key="player")
