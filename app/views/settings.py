"""The networks, data and machine behind the app, and evaluations that run in the background."""

import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pandas as pd
import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from app import audits, cache, elements
from app.elements import markdown
from app.jobs import Job, Queue
from app.server import login
from maagn.checkpoint import CheckpointInfo
from maagn.evaluate.evaluations import (
    EvaluationRun,
    benchmark_plan,
    evaluate,
    evaluations,
)
from maagn.evaluate.intervals import Share
from maagn.evaluate.metrics import count
from maagn.evaluate.results import Results
from maagn.evaluate.runner import Progress
from maagn.evaluate.store import RESULTS
from maagn.figures.layout import percent
from maagn.figures.palette import NETWORKS
from maagn.opposites.clip import OPPOSITES_LABELS, OPPOSITES_PAIRS
from maagn.opposites.dataset import CROPPED, FRAMES, RENDERED
from maagn.opposites.split import SPLITS, Split
from maagn.reproduce.cost import Cost, cost

QUEUE = Queue(kept=4)


def start(kept: EvaluationRun) -> Job:
    """Start an evaluation, or resume it; starting it twice returns the same job."""
    kept.begin()
    job = QUEUE.find(kept.key)
    if job is not None and job.done:
        QUEUE.forget(kept.key)
    return QUEUE.ask(kept.key, lambda job: _work(kept, job))


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


def costs(cards: Sequence[CheckpointInfo], job: Job) -> dict[str, Cost]:
    """Parameters and multiply-accumulates of each network, by digest; no weight is read."""
    found = {}
    for index, card in enumerate(cards):
        job.step(index / len(cards), f"Counting the parameters of {card.name}")
        found[card.digest] = cost(card.spec, side=card.transform.crop)
    return found


def _work(kept: EvaluationRun, job: Job) -> Results:
    job.step(kept.progress().part, "Loading the models")
    models = [cache.model(name) for name in kept.plan.models]
    _tell(job, kept.progress())
    return evaluate(kept, models, report=lambda progress: _tell(job, progress))


def _tell(job: Job, progress: Progress) -> None:
    left = progress.seconds_left
    words = f"{progress.done:,} of {progress.total:,} clips"
    job.step(progress.part, words if left is None else f"{words}, about {_duration(left)} left")


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def benchmark(gallery_clips: int) -> None:
    """Draw the classes and splits of the rendered benchmark."""
    elements.words(
        f"**Opposites**, rendered on demand: {len(OPPOSITES_LABELS)} classes in "
        f"{len(OPPOSITES_PAIRS)} pairs, each the exact reversal of the other. Splits "
        f"{', '.join(SPLITS)} share no scene. Networks see {FRAMES} frames, rendered at "
        f"{RENDERED} and cropped to {CROPPED} pixels. The gallery holds {gallery_clips} clips of "
        "its own.",
        key="benchmark",
    )
    pairs = pd.DataFrame(OPPOSITES_PAIRS, columns=["one way", "the other way"])
    with st.expander("The pairs of opposites"):
        elements.table(pairs, key="pairs", title="Opposites")


def results(found: Results, cards: Sequence[CheckpointInfo]) -> None:
    """Where the recorded answers come from, and whether they are these checkpoints' own."""
    rows, changed = origin_rows(found, cards)
    if changed:
        st.warning(
            f"The stored predictions of {markdown(', '.join(changed))} were made by other "
            "weights than those in checkpoints/: run `maagn evaluate` again with "
            "`--out` to renew them.",
            icon=":material/warning:",
        )
    elements.table(rows, key="origin", title="Stored predictions")
    versions = found.origin.versions or {}
    st.code(found.origin.command or "no command on record", language="bash", wrap_lines=True)
    st.caption(", ".join(f"{name} {version}" for name, version in versions.items()))


def origin_rows(found: Results, cards: Sequence[CheckpointInfo]) -> tuple[pd.DataFrame, list[str]]:
    """One row per network of the file, and the names of those whose checkpoint has changed."""
    present = {card.name: card.digest for card in cards}
    rows = []
    for predictions in found:
        recorded = found.origin.digests.get(predictions.model, "")
        now = present.get(predictions.model)
        same = "✓ the same" if now == recorded else "✗ another" if now else "not in checkpoints/"
        rows.append(
            {
                "network": predictions.model,
                "split": predictions.split,
                "clips": len(predictions),
                "weights, SHA-256": f"{recorded[:16]}…",
                "present checkpoint": same,
            }
        )
    changed = [
        predictions.model
        for predictions in found
        if present.get(predictions.model, "")
        not in ("", found.origin.digests.get(predictions.model))
    ]
    return pd.DataFrame(rows), changed


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
    start(EvaluationRun(benchmark_plan(cards, split=split, per_class=int(per_class))))


def show_evaluation() -> None:
    """Draw every evaluation; returns when none is running, so it stands last on a page."""
    evaluation_runs = evaluations()
    if not evaluation_runs:
        st.caption("No evaluations yet. Results are saved in runs/evaluations/.")
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
    st.markdown(
        f"**{markdown(', '.join(plan.models))}** · split {plan.split} · "
        f"{kept.per_class} of each class"
    )
    job = running(kept)
    if job is not None:
        slot = st.empty()
        slot.progress(job.part, text=markdown(job.doing))
        if st.button("Stop", on_click=job.cancel, key=f"stop-{kept.key}"):
            st.caption("Stops after this batch; finished batches are kept.")
        return slot
    results = kept.results()
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
    st.download_button(
        "Parquet: every clip's prediction",
        (kept.folder / RESULTS).read_bytes(),
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
            "top-1": [_share(one.top1) for one in counts],
            "correct within the pair": [_share(one.within_pair) for one in counts],
            "predicts the opposite": [_share(one.opposite_confusion) for one in counts],
            "flips when reversed": [_share(one.reversal_flips) for one in counts],
        }
    )


def _share(share: Share) -> str:
    """The share in percent with its interval; 'no clips' if there are none."""
    if not share.trials:
        return "no clips"
    return f"{100 * share.value:.1f} % ({100 * share.low:.1f} to {100 * share.high:.1f})"


def show_machine() -> None:
    """Draw the machine's properties next to the in-memory cache."""
    left, right = st.columns(2)
    with left:
        elements.table(machine_rows(), key="machine", title="Machine")
    with right:
        elements.table(cache_rows(), key="caches", title="In-memory cache")
        st.caption("Shared by all visitors; each kind drops its least recently used entries first.")
        if st.button("Clear", key="caches-empty", icon=":material/delete_sweep:"):
            cache.forget()
            st.rerun()


def machine_rows() -> pd.DataFrame:
    """Name and value of what decides speed and rounding."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    rows = {
        "device": device,
        "processors": str(os.cpu_count()),
        "threads of torch": str(torch.get_num_threads()),
        "torch": torch.__version__,
        "Python": platform.python_version(),
        "Streamlit": st.__version__,
        "system": f"{platform.system()} {platform.machine()}",
    }
    return pd.DataFrame({"what": rows.keys(), "value": rows.values()})


def cache_rows() -> pd.DataFrame:
    """One row per kind of cached value: number, megabytes now, and the limit."""
    rows = [("models", f"{len(cache.loaded())}", "", f"{cache.MODELS} models")]
    rows += [
        (kind, f"{number}", f"{now:.0f} MB", f"{most:.0f} MB")
        for kind, (number, now, most) in cache.kept().items()
    ]
    return pd.DataFrame(rows, columns=["what", "number", "now", "at most"])


_ACROSS = 4


def show_models(
    cards: Sequence[CheckpointInfo], costs: Mapping[str, Cost], *, loaded: frozenset[str]
) -> None:
    """Draw one card per network.

    Args:
        cards: what the files say.
        costs: parameters and multiply-accumulates of a clip, by digest.
        loaded: digests of the networks that are in memory now.
    """
    for start in range(0, len(cards), _ACROSS):
        for column, card in zip(st.columns(_ACROSS), cards[start:], strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(card, costs.get(card.digest), loaded=card.digest in loaded)


def _card(card: CheckpointInfo, cost: Cost | None, *, loaded: bool) -> None:
    spec, made = card.spec, card.provenance
    name = card.architecture.title
    st.html(
        f'<div style="border-top:4px solid {NETWORKS[name]};padding-top:4px">'
        f'<b style="font-size:1.15rem">{name}</b></div>'
    )
    lines = [
        f"**{markdown(card.name)}** · {'in memory' if loaded else 'available, not loaded'}",
        f"{len(card.labels)} classes, {spec.frames} frames of {card.transform.crop} pixels",
    ]
    if cost is not None:
        lines.append(f"{cost.parameters:,} parameters, {cost.macs / 1e9:.2f} G MACs per clip")
    how = f"{made.epochs} epochs, seed {made.seed}" if made.epochs else markdown(made.hardware)
    lines.append(f"Trained on {markdown(made.trained_on)}: {how}")
    if made.published:
        lines.append(f"Published: {markdown(made.published)}")
    if made.metrics:
        lines.append(
            "; ".join(
                f"{markdown(key.replace('_', ' '))} {percent(x)}" for key, x in made.metrics.items()
            )
        )
    if masks := audits.summary_of(card):
        lines.append(f"Masks: {masks}")
    elements.words("  \n".join(lines), key=f"model-{card.name}")
    st.markdown(f"SHA-256 `{card.digest[:16]}`")
    with st.popover("Details", width="stretch"):
        st.code(made.command, language="bash", wrap_lines=True)
        st.code(card.digest, language=None, wrap_lines=True)
        st.json({"spec": spec.as_dict(), "transform": asdict(card.transform)}, expanded=1)
        st.json({"hardware": made.hardware, "versions": made.versions}, expanded=2)


def show_person() -> None:
    """Draw who is logged in; draws nothing if no login is required."""
    if not login.wanted():
        return
    person = login.person()
    if person is None:
        return
    st.subheader("You", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"Logged in as **{markdown(person.name)}**. Only you can see your notes, tags and "
            "saved slices."
        )
        st.button("Log out", key="log-out", icon=":material/logout:", on_click=login.log_out)
