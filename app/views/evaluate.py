"""Networks are evaluated on a registered set or the benchmark, in the background.

What it will take is told before it begins. Visitors who ask for something meanwhile go first; an
evaluation that was stopped, or whose server was, goes on where it was.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import cache, elements, page, runs, session
from app.elements import markdown
from app.jobs import Job, Queue
from app.networks import groups
from app.work import QUEUE as VISITORS
from app.work import worked_out
from maagn.data.registry import Registered, registered
from maagn.errors import MaagnError
from maagn.evaluate.evaluations import (
    EvaluationRun,
    benchmark_plan,
    evaluate,
    evaluations,
    set_plan,
)
from maagn.evaluate.forecast import Forecast, forecast
from maagn.evaluate.metrics import count
from maagn.evaluate.queries import Queries
from maagn.evaluate.results import Results
from maagn.evaluate.runner import Progress
from maagn.evaluate.store import RESULTS, TABLES
from maagn.labels import plain
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.split import Split
from maagn.video.views import Crops, ViewSpec

QUEUE = Queue(kept=4)
_READERS = 2  # videos that are read at a time
_LOOK_SECONDS = 0.5
_YIELD_SECONDS = 60.0  # that an evaluation waits for visitors, a batch, so that it ends one day
_MOST = 60
_PROPOSED = 4  # networks
_NAMED = 3  # clips without a prediction


@dataclass(frozen=True)
class Wanted:
    """What is to be evaluated.

    Attributes:
        names: of the networks.
        data: the registered set; None for the benchmark.
        split: of the benchmark.
        few: clips of each class; None for all of a set.
        views: how often each clip is seen.
    """

    names: tuple[str, ...]
    data: Registered | None
    split: Split
    few: int | None
    views: ViewSpec

    def run(self) -> EvaluationRun:
        """The evaluation, not begun.

        Raises:
            MaagnError: these networks cannot be asked about these clips.
        """
        cards = [cache.card(name) for name in self.names]
        if self.data is None:
            return EvaluationRun(benchmark_plan(cards, split=self.split, per_class=self.few or 1))
        plan = set_plan(cards, self.data, per_class=self.few, views=self.views)
        return EvaluationRun(plan, data=self.data.name, few=self.few)


def start(kept: EvaluationRun) -> Job:
    """Start an evaluation, or resume it; starting it twice returns the same job."""
    kept.begin()
    job = QUEUE.find(kept.key)
    if job is not None and job.done:
        QUEUE.forget(kept.key)
    return QUEUE.ask(kept.key, lambda job: _work(kept, job), asker=session.visitor())


def running(kept: EvaluationRun) -> Job | None:
    """The job of an evaluation that runs or waits for its turn."""
    job = QUEUE.find(kept.key)
    return None if job is None or job.done else job


def failed(kept: EvaluationRun) -> BaseException | None:
    """The error that ended the last attempt; None if it succeeded or was stopped."""
    job = QUEUE.find(kept.key)
    if job is None or not job.done or job.cancelled:
        return None
    return job.future.exception()


def _work(kept: EvaluationRun, job: Job) -> Results:
    job.step(kept.progress().part, "Loading the models")
    models = [cache.model(name) for name in kept.plan.models]
    _tell(job, kept.progress())
    return evaluate(kept, models, workers=_READERS, report=lambda progress: _tell(job, progress))


def _tell(job: Job, progress: Progress) -> None:
    """Say how far it is, and wait while visitors are served."""
    left = progress.seconds_left
    words = f"{progress.done:,} of {progress.total:,} clips"
    job.step(progress.part, words if left is None else f"{words}, about {duration(left)} left")
    begun = time.monotonic()
    while VISITORS.busy() and time.monotonic() - begun < _YIELD_SECONDS:
        job.step(progress.part, f"{words}, waits while visitors are served")
        time.sleep(_LOOK_SECONDS / 5)


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, as precise as a forecast is."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def ask(chosen: Sequence[str]) -> None:
    """Which networks, which clips, seen how; what it takes; then begin.

    Args:
        chosen: networks of the sidebar, whose group is proposed where it knows the classes.
    """
    sets = {data.name: data for data in registered()}
    options = [runs.BENCHMARK_CLIPS, *sets]
    left, right = st.columns(2)
    session.put_chosen("set")
    session.heed_link("set", options, what="data set")
    name = left.selectbox("Clips", options, key="set", bind="query-params")
    data = sets.get(name)
    known = _that_know(OPPOSITES_LABELS if data is None else data.labels)
    if not known:
        elements.dead_end(
            "None of the networks knows these classes. `maagn teach` and the page Teach make one "
            "that does, and `maagn train --data` trains one.",
            key="unknown",
            ways={"Open Teach": partial(st.switch_page, page.named("teach"))},
        )
        return
    title = next((title for title, names in known.items() if set(names) & set(chosen)), None)
    titles = list(known)
    if len(known) > 1:
        first = 0 if title is None else titles.index(title)
        title = right.selectbox("Networks that know its classes", titles, index=first)
    names = known[title or titles[0]]
    proposed = [one for one in names if one in chosen] or list(names[:_PROPOSED])
    key = f"evaluate-{name}-{'-'.join(proposed)}"
    asked = st.multiselect("Networks", names, default=proposed, key=key)
    wanted = _how(tuple(asked), data)
    if not asked:
        st.caption("Choose at least one network.")
        return
    try:
        run = wanted.run()
    except MaagnError as error:
        elements.show(error)
        return
    there = next((one for one in evaluations() if one.key == run.key), None)
    if there is not None and (there.done or running(there)):
        st.info("This evaluation is listed below already.", icon=":material/done:")
        return
    cost = worked_out(
        ("forecast", run.key, run.plan.views), lambda job: _forecast(run, wanted, job), height=60
    )
    if cost is not None:
        elements.words(_words(run, cost), key="forecast")
    if st.button("Run the evaluation", type="primary", key="evaluation-run"):
        start(run)
        st.rerun()


def _how(names: tuple[str, ...], data: Registered | None) -> Wanted:
    """How many clips, and how often each is seen."""
    one, two, three = st.columns(3)
    split: Split = "val"
    if data is None:
        splits: tuple[Split, ...] = ("val", "test")
        split = one.radio("Split", splits, horizontal=True, key="evaluation-split")
        few = two.number_input(
            "Clips of each class", 1, _MOST, 5, key="evaluation-clips",
            help="34 classes: 5 clips of each are 170, of which each network sees both orders.",
        )  # fmt: skip
        return Wanted(names, None, split, int(few), ViewSpec())
    most = one.number_input(
        "Clips of each class, at most", 1, None, None, key="evaluation-few", placeholder="all",
        help="Evenly over the set's list. Leave it empty for the whole set.",
    )  # fmt: skip
    crops = two.selectbox(
        "Views", ("centre", "three-crop", "ten-crop"), key="evaluation-views",
        help="Centre: as networks see a clip elsewhere here, and in reverse too. Crops: the mean "
        "over squares of the whole short side.",
    )  # fmt: skip
    moments = three.number_input("Moments of each clip", 1, 10, 1, key="evaluation-moments")
    views = ViewSpec(cast(Crops, crops), int(moments))
    return Wanted(names, data, split, None if most is None else int(most), views)


def _that_know(labels: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Networks that know these classes, those of one label set together, by what they are called.

    Args:
        labels: of the set.
    """
    asked = {plain(label) for label in labels}
    together: dict[frozenset[str], dict[str, tuple[str, ...]]] = {}
    for title, names in groups().items():
        known = cache.card(names[0]).labels
        if asked <= {plain(label) for label in known}:
            together.setdefault(frozenset(known), {})[title] = names
    return {
        " and ".join(titles): tuple(name for names in titles.values() for name in names)
        for titles in together.values()
    }


def _forecast(run: EvaluationRun, wanted: Wanted, job: Job) -> Forecast:
    models = []
    for at, name in enumerate(wanted.names):
        job.step(0.4 * at / len(wanted.names), f"Loading {name}")
        models.append(cache.model(name))
    return forecast(
        run.plan,
        run.videos(),
        models,
        workers=_READERS,
        report=lambda part, what: job.step(0.4 + 0.6 * part, what),
    )


def _words(run: EvaluationRun, cost: Forecast) -> str:
    both = ", each in both orders" * (run.plan.kind == "both-orders")
    return (
        f"**{run.plan.clips:,} clips{both}: about {duration(cost.seconds)}**, up to "
        f"{cost.bytes / 1e6:,.0f} MB of memory more than now. Measured on {cost.clips} of them, "
        f"with nobody else at work."
    )


def show_all() -> None:
    """Draw every evaluation; returns when none is running, so it stands last on a page."""
    evaluation_runs = evaluations()
    if not evaluation_runs:
        st.caption("No evaluations yet.")
    going = []
    for kept in evaluation_runs:
        with st.container(border=True, key=f"evaluation-{kept.key}"):
            slot = _one(kept)
            if slot is not None:
                going.append((kept, slot))
    if not going:
        return
    while all(running(kept) for kept, _ in going):
        for kept, slot in going:
            job = running(kept)
            if job is not None:
                slot.progress(job.part, text=markdown(job.doing))
        time.sleep(_LOOK_SECONDS)
    st.rerun()


def _one(kept: EvaluationRun) -> DeltaGenerator | None:
    """An evaluation; the place for its progress while it runs."""
    plan = kept.plan
    of = f"split {plan.split} · {kept.per_class} of each class"
    if kept.data is not None:
        of = f"{kept.data}, {plan.split} · {plan.clips:,} clips"
        if plan.views.count > 1:
            of += f" · {plan.views.count} views"
    st.markdown(f"**{markdown(', '.join(plan.models))}** · {markdown(of)}")
    job = running(kept)
    if job is not None:
        slot = st.empty()
        slot.progress(job.part, text=markdown(job.doing))
        if st.button("Stop", on_click=job.cancel, key=f"stop-{kept.key}"):
            st.caption("Stops after this batch; finished batches are kept.")
        return slot
    try:
        results = kept.results()
    except MaagnError as error:
        elements.show(error)
        results = None
    if results is None:
        _paused(kept)
    else:
        _done(kept, results)
    if st.button("Remove", on_click=kept.remove, key=f"remove-{kept.key}", type="tertiary"):
        st.rerun()
    return None


def _paused(kept: EvaluationRun) -> None:
    """Draw an unfinished evaluation, its error if it failed, and the button to resume."""
    error = failed(kept)
    if isinstance(error, Exception):
        elements.show(error)
    progress = kept.progress()
    words = f"Stopped at {progress.done:,} of {progress.total:,} clips"
    st.progress(min(progress.part, 1.0), text=words)
    if st.button("Resume", key=f"go-{kept.key}"):
        start(kept)
        st.rerun()


def _done(kept: EvaluationRun, results: Results) -> None:
    elements.table(summary(results), key=f"summary-{kept.key}", title="Results")
    if results.origin.left_out:
        unread = Queries(kept.folder).unreadable(limit=_NAMED).to_dict("records")
        told = "; ".join(f"{row['id']}: {row['reason']}" for row in unread)
        st.caption(
            f"{results.origin.left_out:,} of {kept.plan.clips:,} clips have no class or no "
            f"prediction. {markdown(told)}"
        )
    results_file = kept.folder / RESULTS
    made = results_file if results_file.exists() else kept.folder / TABLES[kept.plan.kind]
    with st.container(horizontal=True):
        title = runs.title_of(kept.folder)
        for name in ("compare", "errors") if title is not None else ():
            there = page.named(name)
            label = f"Open in {there.title}"
            if st.button(label, icon=there.icon, key=f"{name}-{kept.key}"):
                page.open_run(str(title), name)
        st.download_button(
            "Parquet: every clip's prediction",
            made.read_bytes,
            file_name=f"evaluation-{kept.plan.split}-{kept.key}.parquet",
            key=f"parquet-{kept.key}",
            icon=":material/download:",
        )


def summary(results: Results) -> pd.DataFrame:
    """One row per network: shares with their 95 % intervals."""
    counts = [count(predictions) for predictions in results]
    return pd.DataFrame(
        {
            "network": [one.model for one in counts],
            "clips": [one.clips for one in counts],
            "top-1": [str(one.top1) for one in counts],
            "correct within the pair": [str(one.within_pair) for one in counts],
            "predicts the opposite": [str(one.opposite_confusion) for one in counts],
            "flips when reversed": [str(one.reversal_flips) for one in counts],
        }
    )
