"""The data that speak here: the rendered benchmark, and the file of results."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import exhibit
from app.literal import markdown
from maagn.checkpoint import Card
from maagn.evaluate.results import Results
from maagn.opposites.clip import OPPOSITES_LABELS, OPPOSITES_PAIRS
from maagn.opposites.dataset import CROPPED, FRAMES, RENDERED
from maagn.opposites.split import SPLITS


def benchmark(gallery_clips: int) -> None:
    """The rendered benchmark's classes and splits."""
    exhibit.words(
        f"**Opposites**, rendered when asked for: {len(OPPOSITES_LABELS)} classes in "
        f"{len(OPPOSITES_PAIRS)} pairs, each the exact reversal of the other. Splits "
        f"{', '.join(SPLITS)} share no scene. Networks see {FRAMES} frames, rendered at "
        f"{RENDERED} and cropped to {CROPPED} pixels. The gallery holds {gallery_clips} clips of "
        "its own.",
        key="benchmark",
    )
    pairs = pd.DataFrame(OPPOSITES_PAIRS, columns=["one way", "the other way"])
    with st.expander("The pairs of opposites"):
        exhibit.table(pairs, key="pairs", title="Opposites")


def results(found: Results, cards: Sequence[Card]) -> None:
    """Where the recorded answers come from, and whether they are these checkpoints' own."""
    rows, changed = origin_rows(found, cards)
    if changed:
        st.warning(
            f"The recorded answers of {markdown(', '.join(changed))} were given by other "
            "weights than those in checkpoints/: run `maagn evaluate` again with "
            "`--out` to renew them.",
            icon=":material/warning:",
        )
    exhibit.table(rows, key="origin", title="Recorded answers")
    versions = found.origin.versions or {}
    st.code(found.origin.command or "no command on record", language="bash", wrap_lines=True)
    st.caption(", ".join(f"{name} {version}" for name, version in versions.items()))


def origin_rows(found: Results, cards: Sequence[Card]) -> tuple[pd.DataFrame, list[str]]:
    """A row a network of the file, and the names of those whose checkpoint is another now."""
    present = {card.name: card.digest for card in cards}
    rows = []
    for answers in found:
        recorded = found.origin.digests.get(answers.model, "")
        now = present.get(answers.model)
        same = "✓ the same" if now == recorded else "✗ another" if now else "not in checkpoints/"
        rows.append(
            {
                "network": answers.model,
                "split": answers.split,
                "clips": len(answers),
                "weights, SHA-256": f"{recorded[:16]}…",
                "present checkpoint": same,
            }
        )
    changed = [
        answers.model
        for answers in found
        if present.get(answers.model, "") not in ("", found.origin.digests.get(answers.model))
    ]
    return pd.DataFrame(rows), changed
