"""Which weights speak on this page."""

import streamlit as st

from app import cache
from app.literal import markdown
from app.networks import is_demonstration


def show(names: tuple[str, ...]) -> None:
    """A banner: what the models were trained on, and what that means for the clip."""
    models = [cache.card(name) for name in names]
    first = models[0]
    text, more = st.columns([6, 1], vertical_alignment="center")
    kind = "Demonstration weights" if is_demonstration(first) else "Weights of your own"
    text.info(
        f"{kind}, trained on {markdown(first.provenance.trained_on)}, "
        f"{len(first.labels)} classes. Other clips get one of these classes all the same.",
        icon=":material/info:",
    )
    with more.popover("Weights", icon=":material/description:", width="stretch"):
        for model in models:
            made = model.provenance
            st.markdown(f"**{markdown(model.name)}**")
            st.code(made.command, language="bash", wrap_lines=True)
            figures = [f"{markdown(k.replace('_', ' '))} {v:.1%}" for k, v in made.metrics.items()]
            if not made.epochs:
                st.caption(markdown(f"Trained {made.hardware}. {made.published}"))
                continue
            st.caption(
                f"{made.clips:,} clips seen in {made.epochs} epochs on {markdown(made.hardware)}; "
                + "; ".join(figures)
            )
