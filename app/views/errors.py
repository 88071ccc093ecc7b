"""Where does a network err? Matrix, pairs, the clips themselves."""

import io
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Int64
from PIL import Image, ImageOps

from app import cache, elements, page, session
from app.elements import markdown
from app.jobs import Job
from app.predictions import Answer, answer
from app.selection import ClipChoice, Question
from app.views import recorded
from app.views.recorded import Recorded
from app.views.stage import player_view
from app.work import worked_out
from maagn.evaluate.metrics import PairConfusion, confused_pairs, confusion
from maagn.evaluate.predictions import Predictions, rows_of, sureness
from maagn.explain.cam import FIRST_LAYER, FIRST_METHOD
from maagn.figures.layout import percent
from maagn.figures.mistakes import confusion_matrix

_SIDE = 144
_FRAMES = 8
_MILLISECONDS = 300


def film(choice: ClipChoice, names: tuple[str, ...]) -> bytes:
    """The frames that those networks sample, as an animated WebP.

    Raises:
        ClipError: a file cannot be read.
    """
    if choice.drawn is not None:
        frames = cache.render(choice, frames=_FRAMES, side=_SIDE).frames
    else:
        frames = cache.clip(choice, names).frames
    first, *rest = (ImageOps.contain(Image.fromarray(frame), (_SIDE, _SIDE)) for frame in frames)
    file = io.BytesIO()
    first.save(
        file, "WEBP", save_all=True, append_images=rest, duration=_MILLISECONDS, loop=0, quality=80
    )
    return file.getvalue()


_A_PAGE = 4


def show_clips(
    results: Recorded,
    predictions: Predictions,
    rows: Int64[np.ndarray, " n"],
    *,
    title: str,
    key: str,
) -> None:
    """The clips at those places, surest answer first, some a page.

    Args:
        results: what is on record of these clips.
        predictions: of one model among them.
        rows: places of the clips.
        title: over them; the number of clips is added.
        key: unique on the page.
    """
    clips = f"{len(rows)} clip{'s' * (len(rows) != 1)}"
    elements.words(f"**{markdown(title)}: {clips}**", key=f"title-{key}")
    if not len(rows):
        st.caption("None: this network makes no such error on these clips.")
        return
    pages = -(-len(rows) // _A_PAGE)
    at = st.pagination(pages, key=f"page-{key}") if pages > 1 else 1
    shown = rows[(int(at) - 1) * _A_PAGE : int(at) * _A_PAGE]
    sure = sureness(predictions, shown)
    for column, row, probability in zip(st.columns(_A_PAGE), shown, sure, strict=False):
        with column:
            _card(results, predictions, int(row), float(probability), key)


def _card(
    results: Recorded, predictions: Predictions, row: int, probability: float, key: str
) -> None:
    number, names = int(predictions.clip[row]), results.readers
    choice = results.clip(int(predictions.truth[row]), number)
    label, answered = (predictions.labels[i[row]] for i in (predictions.truth, predictions.answer))
    moving = worked_out(("film", choice, names), lambda _: film(choice, names), height=150)
    if moving is not None:
        named = results.clip_name(number)
        alt = f"{named}, {label}, moving"
        st.image(moving, width="stretch", caption=markdown(named), alt=alt)
    right = "✓ right" if answered == label else "✗ wrong"
    st.markdown(f"{right}: **{markdown(label)}**")
    st.caption(f"Predicted {markdown(answered)}, {percent(probability)}")
    with st.container(horizontal=True):
        st.page_link(page.named("explore"), label="Open", query_params={"clip": str(choice.link)})
        if st.button("Pin", key=f"pin-{key}-{row}", help="Keep it beside the next one"):
            session.pin(str(choice.link))
            st.rerun()


_ANY = "all classes"
_HALF = 380  # pixels of a list's line on half a page


def show_gallery(results: Recorded, predictions: Predictions) -> None:
    """Of all classes or one, all errors or the opposite alone."""
    left, right = st.columns(2)
    options = (_ANY, *predictions.labels)
    session.heed_link("wrong", options, what="class")
    with left:
        name = st.selectbox("True class", options, key="wrong", bind="query-params")
        elements.whole(name, room=_HALF)
    only = right.toggle("Predicted as the opposite only", key="opposite", bind="query-params")
    wrong = predictions.answer != predictions.truth
    if only:
        wrong &= predictions.answer == predictions.opposites[predictions.truth]
    if name != _ANY:
        wrong &= predictions.truth == predictions.labels.index(name)
    rows = np.flatnonzero(wrong)
    rows = rows[np.argsort(-sureness(predictions, rows), kind="stable")]
    title = "Wrong predictions, most confident first"
    show_clips(results, predictions, rows, title=title, key="wrong")


def show_matrix(results: Recorded, predictions: Predictions) -> None:
    """All classes against all answers; the clips of the cell that was clicked."""
    counts = confusion(predictions)
    cell = session.cell(len(counts))
    state = elements.figure(
        confusion_matrix(counts, predictions.labels, chosen=cell),
        key="confusion",
        title="True class against prediction: click a square",
        alt="Confusion matrix: one square per cell, darker for more clips; rows are true classes",
        arrays={"confusion": counts},
        on_select="rerun",
        selection_mode="points",
    )
    with st.expander("The classes by number"):
        listed = {"number": range(1, len(counts) + 1), "class": predictions.labels}
        elements.table(pd.DataFrame(listed), key="classes", title="The classes by number")
    points = state.selection.points if state is not None else []
    if points:
        given = points[0]["customdata"]  # Streamlit gives an array as a mapping of its places
        true, answered, _ = map(int, given.values() if isinstance(given, dict) else given)
        if session.changed("cell-click", (true, answered)) and (true, answered) != cell:
            session.put_cell((true, answered))
            st.rerun()
    if cell is None:
        wrong = counts * (1 - np.eye(len(counts), dtype=counts.dtype))
        true, answered = map(int, np.unravel_index(wrong.argmax(), wrong.shape))
        names = predictions.labels[true], predictions.labels[answered]
        elements.dead_end(
            "Click a square: its clips appear here.",
            key="square",
            ways={
                f"{names[0]}, predicted {names[1]} ({wrong.max()})": partial(
                    session.put_cell, (true, answered)
                )
            }
            if wrong.any()
            else {},
        )
        return
    true, answered = cell
    show_clips(
        results,
        predictions,
        rows_of(predictions, true, answered),
        title=f"{predictions.labels[true]}, predicted {predictions.labels[answered]}",
        key=f"cell-{true}-{answered}",
    )


def show_pairs(results: Recorded, predictions: Predictions) -> None:
    """All pairs as rows; the 2 x 2 of the one that is chosen, and its clips."""
    pair_confusions = confused_pairs(predictions)
    if not pair_confusions:
        recorded.no_pairs()
        return
    named = {
        " ↔ ".join(predictions.labels[i] for i in pair.classes): pair for pair in pair_confusions
    }
    elements.table(_table(named), key="pairs", title="Pairs, most confused first")
    st.caption(
        "Opposite: clips classified as the opposite class, with 95 % intervals. Preferred: the "
        "true class got a higher logit than its opposite, whatever was predicted; 50 % is chance."
    )
    session.heed_link("pair", list(named), what="pair")
    name = st.selectbox("Pair", list(named), key="pair", bind="query-params")
    pair = named[name]
    rows = [
        {"true class": predictions.labels[number], "predicted correctly": counts[own],
         "predicted as its opposite": counts[1 - own], "predicted as another": counts[2]}
        for own, (number, counts) in enumerate(zip(pair.classes, pair.counts, strict=True))
    ]  # fmt: skip
    elements.table(pd.DataFrame(rows), key="two-by-two", title=name)
    st.markdown(
        f"**{pair.opposite.hits} of {pair.clips}** clips of the pair were classified as the "
        f"opposite ({100 * pair.opposite.value:.1f} %)."
    )
    for true, answered in (pair.classes, pair.classes[::-1]):
        show_clips(
            results,
            predictions,
            rows_of(predictions, true, answered),
            title=f"{predictions.labels[true]}, predicted {predictions.labels[answered]}",
            key=f"pair-{true}",
        )


def _table(pair_confusions: dict[str, PairConfusion]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "pair": name,
            "clips": pair.clips,
            "opposite": f"{100 * pair.opposite.value:.1f} %",
            "95 % interval": f"{100 * pair.opposite.low:.1f} to {100 * pair.opposite.high:.1f} %",
            "preferred": f"{100 * pair.preferred.value:.1f} %",
        }
        for name, pair in pair_confusions.items()
    )


def show_two(model: str, first: ClipChoice, second: ClipChoice) -> None:
    """The pinned clip on the left, the sidebar's on the right."""
    for column, choice in zip(st.columns(2, gap="large"), (first, second), strict=True):
        question = Question(
            choice, (model,), None, FIRST_METHOD, FIRST_LAYER, (cache.card(model).digest,)
        )

        def work(job: Job, asked: Question = question) -> Answer:
            return answer(asked, job)

        with column:
            st.markdown(f"**{markdown(choice.name)}**")
            found = worked_out(question, work, height=500)
            if found is not None:
                best, probability = found.reports[0].prediction.top(1)[0]
                known = choice.label in found.reports[0].model.labels
                right = "✓ right" if best == choice.label else "✗ wrong"
                verdict = right if known else "does not know this class"
                st.caption(f"{verdict}: {markdown(best)}, {probability:.0%}")
                elements.player(player_view(found), key=f"two-{choice.link}")
