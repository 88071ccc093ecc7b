"""Work of the models in the middle of a page: progress while it lasts, then its result."""

import time
from collections.abc import Callable, Hashable
from concurrent.futures import wait
from contextlib import suppress
from typing import TypeVar

import streamlit as st

from app import elements, session
from app.elements import markdown
from app.errors import Cancelled, TooManyWaiting, WorkerLost
from app.jobs import Job, Queue
from app.pace import Countdown
from maagn.errors import DecodeTimeout, MaagnError

T = TypeVar("T")

QUEUE = Queue()
_LOOK_SECONDS = 0.1
_PATIENCE_SECONDS = 2.0  # shorter work is not worth a button


def worked_out(key: Hashable, work: Callable[[Job], T], *, height: int = 400) -> T | None:
    """What `work` returns, from the one worker that all visitors share; drawn where it is called.

    Args:
        key: what was asked, whole: who asks the same gets the same result without new work.
        work: takes its job, to tell how far it is; must not draw.
        height: pixels that the result will take, so that nothing jumps when it comes.

    Returns:
        The result; None where it failed or was cancelled, which is then said in its place.
    """
    try:
        job = QUEUE.ask(key, work, asker=session.visitor())
    except TooManyWaiting as busy:
        elements.show(busy)
        st.button("Try again", key=f"busy-{hash(key)}")
        return None
    with QUEUE.waiting_for(job):
        _wait(job, height)
    # A job that was told to stop ends within a forward: nobody has to wait for that.
    error = Cancelled() if job.cancelled and not job.done else job.future.exception()
    if error is None:
        return job.future.result()
    if isinstance(error, Cancelled):
        st.info("Cancelled.", icon=":material/stop_circle:")
        if st.button("Resume", key=f"again-{hash(key)}"):
            QUEUE.forget(key)
            with suppress(TooManyWaiting):  # which the next run says
                QUEUE.ask(key, work, asker=session.visitor())  # a page may look for the job first
            st.rerun()
        return None
    if isinstance(error, DecodeTimeout | WorkerLost) or not isinstance(error, MaagnError):
        QUEUE.forget(key)  # another time it may go well
    elements.show(error)
    return None


def _wait(job: Job, height: int) -> None:
    """Show how far the job is until it is done.

    The page stays usable: whatever a visitor does meanwhile ends this run of the script at the next
    look, and begins another. (A fragment that looks at the job by itself can lose its timer when
    two runs follow each other closely.)
    """
    if job.done or job.cancelled:
        return
    slot = st.empty()
    begun = time.monotonic()
    offered = False
    with slot.container(height=height, border=False):
        bar = st.empty()
        room = st.empty()
    countdown = Countdown()
    while not job.done and not job.cancelled:
        bar.progress(job.part, text=_words(job, countdown.look(job.seconds_left)))
        if not offered and time.monotonic() - begun > _PATIENCE_SECONDS:
            room.button("Stop", on_click=job.cancel, key=f"stop-{id(job)}")
            offered = True
        wait([job.future], timeout=_LOOK_SECONDS)  # and not a moment longer than the job takes
    slot.empty()


def _words(job: Job, left: float | None) -> str:
    before = QUEUE.before(job)
    if before:
        return f"{markdown(job.doing)}: {before} before you"
    if left is None or left < 2:
        return f"{markdown(job.doing)} ..."
    return f"{markdown(job.doing)}, about {_duration(left)} left"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
