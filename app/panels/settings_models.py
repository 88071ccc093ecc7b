"""The networks that there are: what each is, where its weights come from, what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import streamlit as st

from app import exhibit
from app.literal import markdown
from maagn.checkpoint import Card
from maagn.figures.layout import percent
from maagn.figures.palette import NETWORKS
from maagn.reproduce.cost import Cost

_ACROSS = 4


def show(cards: Sequence[Card], costs: Mapping[str, Cost], *, loaded: frozenset[str]) -> None:
    """A card a network.

    Args:
        cards: what the files say.
        costs: parameters and multiply-accumulates of a clip, by digest.
        loaded: digests of the networks that are in memory now.
    """
    for start in range(0, len(cards), _ACROSS):
        for column, card in zip(st.columns(_ACROSS), cards[start:], strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(card, costs.get(card.digest), loaded=card.digest in loaded)


def _card(card: Card, cost: Cost | None, *, loaded: bool) -> None:
    spec, made = card.spec, card.provenance
    name = spec.arch.upper()
    st.html(
        f'<div style="border-top:4px solid {NETWORKS[name]};padding-top:4px">'
        f'<b style="font-size:1.15rem">{name}</b></div>'
    )
    lines = [
        f"**{markdown(card.name)}** · {'in memory' if loaded else 'available, not loaded'}",
        f"{len(card.labels)} classes, {spec.frames} frames of {card.transform.crop} pixels",
    ]
    if cost is not None:
        lines.append(f"{cost.parameters:,} parameters, {cost.macs / 1e9:.2f} G MACs a clip")
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
    exhibit.words("  \n".join(lines), key=f"model-{card.name}")
    st.markdown(f"SHA-256 `{card.digest[:16]}`")
    with st.popover("Details", width="stretch"):
        st.code(made.command, language="bash", wrap_lines=True)
        st.code(card.digest, language=None, wrap_lines=True)
        st.json({"spec": spec.as_dict(), "transform": asdict(card.transform)}, expanded=1)
        st.json({"hardware": made.hardware, "versions": made.versions}, expanded=2)
