"""What networks say over a long film: asked for with a button, and shown as bands over time."""

import time
from contextlib import suppress
from dataclasses import dataclass, replace

import streamlit as st
import torch

from app import cache, elements, page
from app.elements import markdown
from app.errors import Cancelled
from app.gallery import film
from app.jobs import Job
from app.selection import ClipChoice, Selection
from app.views import notebook, timeline_result
from app.views.evaluate import duration
from app.work import QUEUE, worked_out
from maagn.errors import MaagnError
from maagn.explain.timeline import Timeline, timeline
from maagn.inference import device_of
from maagn.shown import plural
from maagn.video.overview import Overview

WINDOWS = ("1 s", "1.5 s", "2 s", "2.5 s", "3 s", "4 s", "6 s", "8 s", "12 s")
STEPS = ("0.1 s", "0.25 s", "0.5 s", "1 s", "2 s", "4 s")
WINDOW, STEP = "2 s", "0.5 s"
"""Somewhat shorter than the clips that networks learn from: most windows then hold one action."""
_EXAMPLE = "Try it on a film of twelve gallery clips"
_STRIP_SECONDS = 1200.0  # of a film whose pictures stand above the bands: more take too long
_LOOK_SECONDS = 0.1
_LAST_FORWARD_SECONDS = 20.0  # that are waited for what was found until a stop


@dataclass(frozen=True)
class Asked:
    """What is asked of the networks, whole: the key of its result.

    Attributes:
        clip: the film, without a section.
        models: names of the networks.
        digests: of their files.
        window: seconds.
        step: seconds.
    """

    clip: ClipChoice
    models: tuple[str, ...]
    digests: tuple[str, ...]
    window: float
    step: float

    def windows(self, seconds: float) -> int:
        """How many windows there are in a film of that length."""
        return max(1, int((seconds - self.window) / self.step + 1e-6) + 1)


def show(here: Selection) -> None:
    """Draw the settings, the button, the progress, and what came of it."""
    clip = here.clip.whole
    window, step = _settings()
    seconds = _length(clip)
    if seconds is None:
        return
    if step > window:
        st.info(
            "What lies between two windows would not be seen: choose a step that is no longer than "
            "the window.",
            icon=":material/timer:",
        )
        return
    names = here.question.models
    asked = Asked(clip, names, here.question.digests, window, step)
    if asked.windows(seconds) < 2:
        st.info(
            f"{markdown(clip.name)} lasts {seconds:.1f} s, which is one window: choose a longer "
            "video on the left, a shorter window, or the example.",
            icon=":material/timer:",
        )
        return
    found = _found(asked, seconds)
    if found is not None:
        timeline_result.show(found, here, film.truth_of(clip), _pictures(clip, seconds))
        elements.python(notebook.timeline(here.question, window=window, step=step))


def _settings() -> tuple[float, float]:
    """How long a window is, and how far apart their starts are, in seconds."""
    left, middle, right = st.columns([1, 1, 2], vertical_alignment="bottom")
    window = left.selectbox(
        "Window", WINDOWS, index=WINDOWS.index(WINDOW), key="window", bind="query-params",
        help="How much of the film a network sees at a time, as if it were a clip.",
    )  # fmt: skip
    step = middle.selectbox(
        "Step", STEPS, index=STEPS.index(STEP), key="step", bind="query-params",
        help="From the start of a window to the start of the next.",
    )  # fmt: skip
    if right.button(
        _EXAMPLE,
        key="timeline-film",
        icon=":material/movie:",
        help="Six actions, each followed by its opposite: the true classes stand above the bands.",
    ):
        page.open_clip(film.film(), page="timeline")
    return float(window.split()[0]), float(step.split()[0])


def _length(clip: ClipChoice) -> float | None:
    """How long the film is, in seconds; what is no film is said."""
    if clip.path is None or not clip.path.is_file():
        st.info(
            "Only video files have a timeline: choose one on the left, or try the example.",
            icon=":material/movie:",
        )
        return None
    try:
        return cache.length(clip).seconds
    except MaagnError as error:
        elements.show(error)
        return None


def _pictures(clip: ClipChoice, seconds: float) -> tuple[str, ...]:
    """A strip of the film, from the one pass that the strip of its sections needs too."""
    if seconds > _STRIP_SECONDS:
        return ()

    def look(job: Job) -> Overview:
        return cache.overview(clip, lambda part: job.step(part, f"Looking through {clip.name}"))

    overview = worked_out(("overview", clip.path, clip.stamp), look, height=60)
    return () if overview is None else timeline_result.strip(overview)


def _found(asked: Asked, seconds: float) -> Timeline | None:
    """What is known already, or what the button is pressed for; draws both."""
    key = ("timeline", asked)
    found, job = cache.timeline(asked), QUEUE.find(key)
    under_way = job is not None and not (job.done and found is not None)
    begin = False
    if found is None and job is None:
        begin = _asks(asked, seconds)
    elif found is not None and not found.complete and not under_way:
        begin = _begins_again(found)
    if begin:
        QUEUE.forget(key)
    if not (begin or under_way):
        return found
    if worked_out(key, lambda job: _work(asked, job), height=200) is None:
        _wait_for_what_there_is(key)
    found = cache.timeline(asked)
    job = QUEUE.find(key)
    if found is None or job is None or not (job.cancelled or job.future.exception() is None):
        return None
    QUEUE.forget(key)
    return st.rerun()  # without the question and its progress


def _asks(asked: Asked, seconds: float) -> bool:
    """Say what it takes; whether the button is pressed."""
    cost = worked_out(
        ("timeline-cost", asked.digests), lambda job: _seconds_per_window(asked, job), height=60
    )
    if cost is None:
        return False
    windows = asked.windows(seconds)
    elements.words(
        f"**{plural(windows, 'window')} of {asked.window:g} s, each seen by "
        f"{plural(len(asked.models), 'network')}: about {duration(windows * cost)}** "
        "with nobody else at work.",
        key="timeline-cost",
    )
    return st.button(
        "Ask the networks", type="primary", icon=":material/view_timeline:", key="timeline-run"
    )


def _begins_again(found: Timeline) -> bool:
    """Say where it was stopped; whether the button is pressed."""
    until = f"{found.ends[-1]:.1f}" if len(found.ends) else "0"
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.info(
        f"Stopped at {until} of {found.film_seconds:.1f} s: the bands reach until there.",
        icon=":material/stop_circle:",
    )
    return right.button("Begin again", icon=":material/replay:", key="timeline-again")


def _wait_for_what_there_is(key: object) -> None:
    """After a stop: the forward that is under way ends, and then gives what was found."""
    job = QUEUE.find(key)
    begun = time.monotonic()
    while job is not None and not job.done and time.monotonic() - begun < _LAST_FORWARD_SECONDS:
        time.sleep(_LOOK_SECONDS)


def _work(asked: Asked, job: Job) -> Timeline:
    """Ask the networks; what was found until a stop is kept too."""
    assert asked.clip.path is not None
    job.step(0.0, "Loading the models")
    models = [cache.model(name) for name in asked.models]

    def tell(part: float) -> None:
        with suppress(Cancelled):  # it ends by `cancelled`, with what was found
            job.step(part, f"Looking at {markdown(asked.clip.name)}")

    found = timeline(
        asked.clip.path,
        models,
        window=asked.window,
        step=asked.step,
        progress=tell,
        cancelled=lambda: job.cancelled or job.given_up(),
    )
    named = replace(found, name=asked.clip.name)
    if len(named.starts):
        cache.keep_timeline(asked, named)
    if not named.complete:
        raise Cancelled
    return named


def _seconds_per_window(asked: Asked, job: Job) -> float:
    """How long all networks together take for a window, measured on a blank one."""
    total = 0.0
    for number, name in enumerate(asked.models):
        job.step(number / len(asked.models), f"Measuring {name}")
        model = cache.model(name)
        side = model.transform.crop
        blank = torch.zeros(1, 3, model.spec.frames, side, side, device=device_of(model))
        with torch.inference_mode():
            model.network(blank)  # the first is slower than those that follow
            begun = time.monotonic()
            model.network(blank)
            total += time.monotonic() - begun
    return total
