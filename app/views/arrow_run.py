"""Which pairs of opposites the networks of a run tell by the order of the frames alone."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import cache, elements, page
from app.elements import markdown
from app.selection import Selection
from app.views import recorded
from app.views.recorded import Recorded
from maagn.errors import MaagnError, ResultsError
from maagn.evaluate.in_order import PairInOrder, by_order_alone, in_order, sees_no_order
from maagn.evaluate.intervals import Estimate
from maagn.evaluate.order import read_order
from maagn.evaluate.predictions import Predictions
from maagn.figures.layout import percent


def show(here: Selection) -> None:
    """The run of the sidebar, from its predictions on record; no network is run."""
    st.subheader("Over a whole run: which pairs are told by order alone?", anchor=False)
    try:
        results = recorded.recorded(here)
    except MaagnError as error:
        elements.show(error)
        return
    if not results.results.predictions:
        recorded.show(results.missing)
        return
    st.caption(results.about)
    elements.sheet().run = results.line
    both = [one for one in results.results if one.reversed_answer is not None]
    if not both:
        st.info(
            "This run did not show its clips backwards: `maagn evaluate --reversed` does, and "
            "keeps what the networks predict then.",
            icon=":material/swap_horiz:",
        )
        return
    _networks(both, results)
    _pairs(both, results)


def _networks(both: Sequence[Predictions], results: Recorded) -> None:
    known = _divergences(results)
    rows = pd.DataFrame(_network(one, results, known.get(one.model)) for one in both)
    elements.table(rows, key="run-networks", title="The networks of the run in both directions")
    if not known:
        elements.caption(
            "Their temporal divergence over many clips is what `maagn probe` measures.",
            key="run-divergence",
        )
    else:
        elements.caption(
            "Temporal divergence: mean over the clips of `maagn probe`, with the 95 % interval of "
            "a bootstrap over clips. A network without order is at 0 but for rounding.",
            key="run-divergence",
        )


def _divergences(results: Recorded) -> dict[str, Estimate]:
    """Of those networks of the run whose very weights were probed."""
    try:
        probed = {one.digest: one.divergence for one in read_order().networks}
    except ResultsError:
        return {}
    digests = results.results.origin.digests
    return {name: probed[digest] for name, digest in digests.items() if digest in probed}


def _network(
    predictions: Predictions, results: Recorded, divergence: Estimate | None
) -> dict[str, object]:
    pairs = cache.counted(
        ("in-order", predictions.model, results.sources[predictions.model], len(predictions)),
        lambda: in_order(predictions),
    )
    right = predictions.answer == predictions.truth
    backwards = predictions.reversed_answer
    assert backwards is not None  # `show` leaves out who was not asked
    flipped = backwards == predictions.opposites[predictions.truth]
    return {
        "network": predictions.model,
        "clips": len(predictions),
        "right forwards": percent(float(right.mean())),
        "right both ways": percent(float((right & flipped).mean())),
        "another prediction backwards": percent(float((backwards != predictions.answer).mean())),
        "pairs told by order": f"{sum(pair.by_order for pair in pairs)} of {len(pairs)}",
        "temporal divergence, nats": ""
        if divergence is None
        else f"{divergence.value:.3f} ({divergence.low:.3f} to {divergence.high:.3f})",
    }


def _pairs(both: Sequence[Predictions], results: Recorded) -> None:
    blind = [one for one in both if sees_no_order(one)]
    seeing = [one for one in both if not sees_no_order(one)]
    told = by_order_alone(seeing, without_order=blind)
    found = {one.model: in_order(one) for one in both}
    pairs = found[both[0].model]
    if not pairs:
        st.info(recorded.NO_PAIRS)
        return
    labels = both[0].labels
    rows = pd.DataFrame(
        {
            "pair": " ↔ ".join(labels[number] for number in pair.classes),
            "clips": pair.within.trials,
            "by order alone": "✓ yes" if pair.classes in told else "✗ no",
            **{f"{one.model}, both ways": str(found[one.model][at].both_ways) for one in seeing},
            **{f"{one.model}, within the pair": str(found[one.model][at].within) for one in blind},
        }
        for at, pair in enumerate(pairs)
    )
    elements.words(_summary(pairs, told, seeing, blind), key="run-summary")
    state = elements.table(
        rows,
        key="run-pairs",
        title="Pairs of opposites",
        height="content",
        on_select="rerun",
        selection_mode="single-row",
    )
    elements.caption(
        "Both ways: predicted right as filmed, and as the opposite when the very same frames run "
        "backwards, with the 95 % interval (Wilson). A pair counts as told by order alone where "
        "this interval of a network lies above one half, and no network without order is away from "
        "chance.",
        key="run-note",
    )
    chosen = state.selection.rows if state else []
    if chosen:
        _examples(pairs[chosen[0]], seeing or both, results)
    else:
        st.caption("Choose a row to open a clip of its pair.")


def _summary(
    pairs: Sequence[PairInOrder],
    told: Sequence[tuple[int, int]],
    seeing: Sequence[Predictions],
    blind: Sequence[Predictions],
) -> str:
    if not seeing:
        return "Every network of this run predicts all clips alike in both directions."
    text = f"**{len(told)} of {len(pairs)} pairs are told by order alone.** "
    if blind:
        names = markdown(", ".join(one.model for one in blind))
        return text + f"{names} predicts every clip alike in both directions."
    return text + "No network of this run is without order, to say what the frames alone tell."


def _examples(pair: PairInOrder, networks: Sequence[Predictions], results: Recorded) -> None:
    """A button for each class of the pair: a clip told both ways, where there is one."""
    first = networks[0]
    for column, label in zip(st.columns(2), pair.classes, strict=True):
        rows = (first.truth == label).nonzero()[0]
        if not len(rows):
            continue
        assert first.reversed_answer is not None
        both = (first.answer[rows] == label) & (
            first.reversed_answer[rows] == first.opposites[label]
        )
        row = rows[both][0] if both.any() else rows[0]
        name = markdown(first.labels[label])
        if column.button(f"Open {name}", key=f"open-pair-{label}", icon=":material/play_circle:"):
            page.open_clip(results.clip(label, int(first.clip[row])), page="arrow")
