"""Run an evaluation, stop it, go on with it after a reload or a restart, and take it away."""

import time
from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app import cache, evaluation, exhibit
from app.literal import markdown
from app.panels import failure
from maagn.evaluate.intervals import Share
from maagn.evaluate.metrics import count
from maagn.evaluate.results import Results
from maagn.evaluate.runner import RESULTS, Kept, Plan, evaluations
from maagn.opposites.split import Split

_LOOK_SECONDS = 0.5
_SPLITS: tuple[Split, ...] = ("val", "test")
_MOST = 60


def ask(names: Sequence[str], chosen: Sequence[str]) -> None:
    """Which networks, which split, how many clips; then begin.

    Args:
        names: those that know the benchmark's classes.
        chosen: in the sidebar; proposed where they are among them.
    """
    if not names:
        st.info("None of the networks knows the benchmark's classes.")
        return
    proposed = [name for name in chosen if name in names]
    with st.form("evaluation-form"):
        key = f"evaluation-models-{'-'.join(proposed)}"
        asked = st.multiselect("Networks", names, default=proposed, key=key)
        one, two = st.columns(2)
        split = one.radio("Split", _SPLITS, horizontal=True, key="evaluation-split")
        per_class = two.number_input(
            "Clips of each class", 1, _MOST, 5, key="evaluation-clips",
            help="34 classes: 5 clips of each are 170, of which each network sees both orders.",
        )  # fmt: skip
        sent = st.form_submit_button("Run the evaluation", type="primary", key="evaluation-run")
    if not sent:
        return
    if not asked:
        st.warning("Choose at least one network.")
        return
    cards = [cache.card(name) for name in asked]
    evaluation.start(Kept(Plan.of(cards, split=split, per_class=int(per_class))))


def show() -> None:
    """Every evaluation that was begun; ends when none is running, so it stands last on a page."""
    found = evaluations()
    if not found:
        st.caption("None was begun yet. What is asked here is kept in runs/evaluations/.")
    going = []
    for kept in found:
        with st.container(border=True, key=f"evaluation-{kept.plan.key}"):
            slot = _one(kept)
            if slot is not None:
                going.append((kept, slot))
    if not going:
        return
    while all(evaluation.running(kept) for kept, _ in going):
        for kept, slot in going:
            job = evaluation.running(kept)
            if job is not None:
                slot.progress(job.part, text=markdown(job.doing))
        time.sleep(_LOOK_SECONDS)
    st.rerun()


def _one(kept: Kept) -> DeltaGenerator | None:
    """An evaluation; the place for its progress while it runs."""
    plan = kept.plan
    st.markdown(
        f"**{markdown(', '.join(plan.models))}** · split {plan.split} · "
        f"{plan.per_class} of each class"
    )
    job = evaluation.running(kept)
    if job is not None:
        slot = st.empty()
        slot.progress(job.part, text=markdown(job.doing))
        if st.button("Stop", on_click=job.cancel, key=f"stop-{plan.key}"):
            st.caption("Stops after this batch; what is answered is kept.")
        return slot
    results = kept.results()
    if results is None:
        _paused(kept)
    else:
        _done(kept, results)
    if st.button("Remove", on_click=kept.remove, key=f"remove-{plan.key}", type="tertiary"):
        st.rerun()
    return None


def _paused(kept: Kept) -> None:
    """Stopped, or cut off by a restart, or failed: what there is, and the way on."""
    error = evaluation.failed(kept)
    if isinstance(error, Exception):
        failure.show(error)
    progress = kept.progress()
    st.progress(min(progress.part, 1.0), text=f"Stopped at {progress.done:,} of {progress.total:,}")
    if st.button("Go on", key=f"go-{kept.plan.key}"):
        evaluation.start(kept)
        st.rerun()


def _done(kept: Kept, results: Results) -> None:
    exhibit.table(summary(results), key=f"summary-{kept.plan.key}", title="What was counted")
    st.download_button(
        "Parquet: every clip's answer",
        (kept.folder / RESULTS).read_bytes(),
        file_name=f"evaluation-{kept.plan.split}-{kept.plan.key}.parquet",
        key=f"parquet-{kept.plan.key}",
        icon=":material/download:",
    )


def summary(results: Results) -> pd.DataFrame:
    """A row a network: shares with their 95 % intervals."""
    counts = [count(answers) for answers in results]
    return pd.DataFrame(
        {
            "network": [one.model for one in counts],
            "clips": [one.clips for one in counts],
            "top-1": [_share(one.top1) for one in counts],
            "right within the pair": [_share(one.within_pair) for one in counts],
            "answers the opposite": [_share(one.opposite_confusion) for one in counts],
            "flips when reversed": [_share(one.reversal_flips) for one in counts],
        }
    )


def _share(share: Share) -> str:
    """A share of no clips has no value."""
    if not share.trials:
        return "no clips"
    return f"{100 * share.value:.1f} % ({100 * share.low:.1f} to {100 * share.high:.1f})"
