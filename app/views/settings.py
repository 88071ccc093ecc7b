"""The networks, the benchmark and the machine behind the app."""

import html
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pandas as pd
import streamlit as st
import torch

from app import audits, cache, command_line, elements
from app.elements import markdown
from app.facts import data_of
from app.jobs import Job
from app.server import login
from maagn.checkpoint import CheckpointInfo
from maagn.device import choose, described
from maagn.evaluate.results import Results
from maagn.figures.layout import percent
from maagn.figures.palette import colour
from maagn.opposites.clip import OPPOSITES_LABELS, OPPOSITES_PAIRS
from maagn.opposites.dataset import CROPPED, FRAMES, RENDERED
from maagn.opposites.split import SPLITS
from maagn.reproduce.cost import Cost, cost


def costs(cards: Sequence[CheckpointInfo], job: Job) -> dict[str, Cost]:
    """Parameters and multiply-accumulates of each network, by digest; no weight is read."""
    found = {}
    for index, card in enumerate(cards):
        job.step(index / len(cards), f"Counting the parameters of {card.name}")
        found[card.digest] = cost(card.spec, side=card.transform.crop)
    return found


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
    rows = {
        "device": described(choose(command_line.device())),
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
        f'<div style="border-top:4px solid {colour(name)};padding-top:4px">'
        f'<b style="font-size:1.15rem">{html.escape(name)}</b></div>'
    )
    lines = [
        f"**{markdown(card.name)}** · {'in memory' if loaded else 'available, not loaded'}",
        f"{len(card.labels)} classes, {spec.frames} frames of {card.transform.crop} pixels",
    ]
    if cost is not None:
        lines.append(f"{cost.parameters:,} parameters, {cost.macs / 1e9:.2f} G MACs per clip")
    how = f"{made.epochs} epochs, seed {made.seed}" if made.epochs else markdown(made.hardware)
    lines.append(f"Trained on {markdown(data_of(card))}: {how}")
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
        st.caption(f"Trained on {markdown(made.trained_on)}.")
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
