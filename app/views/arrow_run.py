"""Which pairs of opposites the networks of a run tell by the order of the frames alone."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Float32

from app import cache, elements, page
from app.elements import markdown
from app.selection import Selection
from app.views import recorded
from app.views.recorded import Recorded
from maagn.errors import MaagnError, ResultsError
from maagn.evaluate.in_order import PairInOrder, by_order_alone, in_order, sees_no_order
from maagn.evaluate.intervals import Estimate, Share, over_clips, share
from maagn.evaluate.order import read_order
from maagn.evaluate.predictions import Predictions


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
    kept = {
        one.model: _over_clips(one, results, one.divergence)
        for one in both
        if one.divergence is not None
    }
    known = kept or _probed(results)
    rows = pd.DataFrame(_network(one, results, known.get(one.model)) for one in both)
    elements.table(rows, key="run-networks", title="The networks of the run in both directions")
    clips = "these clips" if kept else "the clips of `maagn probe`"
    elements.caption(
        f"Temporal divergence: mean over {clips}, with the 95 % interval of a bootstrap over "
        "clips. A network without order is at 0 but for rounding."
        if known
        else "This run kept no temporal divergence: run `maagn evaluate --reversed` again.",
        key="run-divergence",
    )


def _over_clips(
    predictions: Predictions, results: Recorded, values: Float32[np.ndarray, " n"]
) -> Estimate:
    source = results.sources[predictions.model]
    version = cache.version_of(source.file, source.model)
    return cache.counted(("divergence", version), lambda: over_clips(values.astype(np.float64)))


def _probed(results: Recorded) -> dict[str, Estimate]:
    """Of networks whose very weights were probed, over other clips."""
    try:
        probed = {one.digest: one.divergence for one in read_order().networks}
    except ResultsError:
        return {}
    digests = results.results.origin.digests
    return {name: probed[digest] for name, digest in digests.items() if digest in probed}


def _network(
    predictions: Predictions, results: Recorded, divergence: Estimate | None
) -> dict[str, object]:
    pairs = _in_order(predictions, results)
    right, paired = predictions.answer == predictions.truth, predictions.opposites >= 0
    paired = paired[predictions.truth]
    backwards = predictions.reversed_answer
    assert backwards is not None  # `show` leaves out who was not asked
    flipped = backwards == predictions.opposites[predictions.truth]
    return {
        "network": predictions.model,
        "clips": int(paired.sum()),
        "right forwards": short(share(right[paired])),
        "right both ways": short(share((right & flipped)[paired])),
        "another prediction backwards": short(share((backwards != predictions.answer)[paired])),
        "pairs told by order": f"{sum(pair.by_order for pair in pairs)} of {len(pairs)}",
        "temporal divergence, nats": "" if divergence is None else _nats(divergence),
    }


def short(part: Share) -> str:
    """A share in whole percent, with its interval: `94 % (88 to 97)`."""
    if not part.trials:
        return "no clips"
    return f"{100 * part.value:.0f} % ({100 * part.low:.0f} to {100 * part.high:.0f})"


def _nats(divergence: Estimate) -> str:
    if divergence.value < 0.001:
        return "under 0.001"
    return f"{divergence.value:.2f} ({divergence.low:.2f} to {divergence.high:.2f})"


def _in_order(predictions: Predictions, results: Recorded) -> list[PairInOrder]:
    source = results.sources[predictions.model]
    version = cache.version_of(source.file, source.model)
    return cache.counted(("in-order", version), lambda: in_order(predictions))


def _pairs(both: Sequence[Predictions], results: Recorded) -> None:
    blind = [one for one in both if sees_no_order(one)]
    seeing = [one for one in both if not sees_no_order(one)]
    told = by_order_alone(seeing, without_order=blind)
    found = {one.model: _in_order(one, results) for one in both}
    pairs = found[both[0].model]
    if not pairs:
        recorded.no_pairs()
        return
    labels = both[0].labels
    kinds = [results.kind(one.model) for one in both]
    names = {
        one.model: kind if kind and kinds.count(kind) == 1 else one.model
        for one, kind in zip(both, kinds, strict=True)
    }
    rows = pd.DataFrame(
        {
            "pair": " ↔ ".join(labels[number] for number in pair.classes),
            "clips": pair.within.trials,
            "order alone": "✓ yes" if pair.classes in told else "✗ no",
            **{
                f"{names[one.model]} both ways": short(found[one.model][at].both_ways)
                for one in seeing
            },
            **{
                f"{names[one.model]} within pair": short(found[one.model][at].within)
                for one in blind
            },
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
    first = next((at for at, pair in enumerate(pairs) if pair.classes in told), 0)
    pair = pairs[chosen[0] if chosen else first]
    st.caption(f"A clip of {_joined(pair, labels)}; a click on a row chooses another pair.")
    _examples(pair, seeing or both, results)


def _joined(pair: PairInOrder, labels: Sequence[str]) -> str:
    return markdown(" ↔ ".join(labels[number] for number in pair.classes))


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
