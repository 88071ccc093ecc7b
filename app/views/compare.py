"""Two networks on the same clips, from the whole to single clips."""

from collections.abc import Callable, Hashable, Sequence
from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app import cache, elements, page, session
from app.elements import markdown
from app.views import notebook, recorded
from app.views.compare_choice import COLUMNS, Duel, Side, readable, sides_of
from app.views.recorded import Recorded, counted
from maagn.evaluate.compare import Answered, McNemar, by_pair, gains, overall, table, won
from maagn.evaluate.intervals import Share
from maagn.evaluate.metrics import BINS
from maagn.figures.comparison import Curve, class_scatter, gain_chart, reliability_diagram
from maagn.figures.layout import percent

LEVEL = 0.05  # of the tests


def about(duel: Duel, results: Recorded) -> str:
    """Which clips are compared: those of the run, or those that two runs have in common."""
    common, whole = len(duel.first.predictions), len(results.results.predictions[0])
    if duel.one_run:
        return results.about
    return f"{results.about} Both networks have seen {common:,} of these {whole:,} clips."


def show_overall(duel: Duel) -> None:
    """Top-1 of both, their difference, and McNemar's exact test in words."""
    found = cache.counted(("overall", duel.version), lambda: overall(*duel.predictions))
    gain = found.gain
    first, second = duel.first, duel.second
    elements.words(
        f"- **{first.name}** is right on {share_words(found.first, duel.split)}\n"
        f"- **{second.name}** is right on {share_words(found.second, duel.split)}\n"
        f"- Difference: **{100 * gain.value:+.1f} percentage points** "
        f"(95 % interval {100 * gain.low:+.1f} to {100 * gain.high:+.1f})\n"
        f"- {mcnemar_words(found.test, first, second)}",
        key="overall",
    )


def share_words(share: Share, split: str) -> str:
    """A share with its interval and its sample of a split."""
    return (
        f"**{100 * share.value:.1f} %** of {counted(share.trials, split)} "
        f"(95 % interval {100 * share.low:.1f} to {100 * share.high:.1f} %)"
    )


def mcnemar_words(test: McNemar, first: Side, second: Side) -> str:
    """The exact test of McNemar as a sentence, with what it does and does not show."""
    counts = (
        f"{first.name} alone is right on {test.first} clips, {second.name} alone on {test.second}: "
        f"{p_words(test.p)} (exact McNemar test). "
    )
    if test.p >= LEVEL:
        return f"{counts}Such a difference may well be due to chance."
    return f"{counts}Equally good networks would rarely differ so much on these clips."


def p_words(p: float) -> str:
    """A probability of a test, in as many digits as it has."""
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.2g}"


_MEASURED = "gain in points, p of McNemar's exact test"
_TOP = 10  # classes of the paper's Figure 8
TEN, ALL = "Ten greatest gains", "All classes"


def show_classes(duel: Duel) -> None:
    """The gains, then the classes as points and as rows; a click on either chooses the class."""
    rows = _gained(duel)
    chart, points = st.columns(2, gap="large")
    with chart:
        _gains(duel, rows)
    with points:
        clicked = _points(duel, rows)
    _choose("point", rows, clicked)
    _choose("row", rows, _rows(duel, rows))


def _gained(duel: Duel) -> pd.DataFrame:
    return cache.counted(("gains", duel.version), lambda: table(gains(*duel.predictions)))


def _gains(duel: Duel, rows: pd.DataFrame) -> None:
    first, second = duel.first.name, duel.second.name
    some = ALL
    if len(rows) > _TOP:
        some = st.segmented_control(
            "Classes", [TEN, ALL], default=TEN, required=True, key="gains", bind="query-params"
        )
    shown = rows if some == ALL else rows.head(_TOP)
    picked = f"The greatest of {len(rows)} gains are picked here: on other clips, expect less."
    elements.figure(
        _drawn(duel, gain_chart, shown, len(shown)),
        key="gain-chart",
        title=f"Where {first} gains over {second} ({'n'} = {_sample(rows)} a class)",
        alt=f"Gain of {first} over {second} in percentage points, with 95 % intervals: greatest "
        f"for {rows['classes'].iloc[0]}, {100 * rows['gain'].iloc[0]:+.0f} points.",
        table=shown,
    )
    elements.words(
        "The paper's Figure 8, for these two networks. Filled: the 95 % interval leaves out zero. "
        f"{picked if len(shown) < len(rows) else ''}",
        key="gains-note",
    )


def _drawn(
    duel: Duel, draw: Callable[..., go.Figure], rows: pd.DataFrame, *some: Hashable
) -> go.Figure:
    """A figure of the duel's classes, built once: Plotly takes longer for it than the rest."""
    first, second = duel.first.name, duel.second.name
    key = (draw.__name__, duel.version, first, second, duel.colours, *some)
    return cache.figure(key, lambda: draw(rows, first=first, second=second, colours=duel.colours))


def _points(duel: Duel, rows: pd.DataFrame) -> int | None:
    first, second = duel.first.name, duel.second.name
    better = int((rows["gain"] > 0).sum())
    worse = int((rows["gain"] < 0).sum())
    state = elements.figure(
        _drawn(duel, class_scatter, rows),
        key="class-scatter",
        title=f"All {len(rows)} classes: click one for its clips (n = {_sample(rows)} a class)",
        alt=f"Each class at the share of its clips that {second} (across) and {first} (up) have "
        f"right: {first} is ahead in {better} classes, {second} in {worse}.",
        table=rows,
        on_select="rerun",
        selection_mode="points",
    )
    elements.words(
        f"Above the dotted line {first} is right more often ({better} classes), below it {second} "
        f"({worse}).",
        key="scatter-note",
    )
    chosen = state.selection.points if state else []
    return int(chosen[0]["point_index"]) if chosen else None


def _rows(duel: Duel, rows: pd.DataFrame) -> int | None:
    with st.expander("The same as a table: click a row for its clips", expanded=False):
        state = elements.table(
            readable(rows, duel, what="class"),
            key="class-table",
            title=f"Classes: {_MEASURED}",
            column_config=COLUMNS,
            height="content",
            on_select="rerun",
            selection_mode="single-row",
        )
    chosen = state.selection.rows if state else []
    return int(chosen[0]) if chosen else None


def _choose(where: str, rows: pd.DataFrame, place: int | None) -> None:
    """A new click wins over what was chosen before; one that stands does not come back."""
    label = None if place is None else str(rows["classes"].iloc[place])
    if session.changed(f"compare-{where}", label) and label is not None:
        session.put_choice("class_", label)


def _sample(rows: pd.DataFrame) -> str:
    least, most = int(rows["clips"].min()), int(rows["clips"].max())
    return str(least) if least == most else f"{least} to {most}"


def show_pairs(duel: Duel) -> None:
    """Draw one row per pair of opposites, with McNemar's test."""
    rows = cache.counted(("pairs", duel.version), lambda: _pairs(duel))
    if rows.empty:
        recorded.no_pairs()
        return
    elements.table(
        readable(rows, duel, what="pair of opposites"),
        key="pairs",
        title=f"Pairs of opposites: {_MEASURED}",
        column_config=COLUMNS,
        height="content",
    )
    expected = round(LEVEL * len(rows))
    by_chance = (
        f"Were the networks equally good, about {expected} of {len(rows)} such tests would fall "
        f"under p = {LEVEL:g} by chance."
    )
    words = f"n: clips of both classes. {by_chance if expected else ''}"
    elements.words(words, key="pairs-note")


def _pairs(duel: Duel) -> pd.DataFrame:
    return table(pair for pair in by_pair(*duel.predictions) if pair.first.trials)


def show_calibration(duel: Duel) -> None:
    """Both networks' accuracy against their confidence, and the calibration errors."""
    curves, words = [], []
    for side in (duel.first, duel.second):
        bins, error = cache.counted(("calibration", side.model, duel.version), side.calibration)
        curves.append(Curve(side.name, side.colour, bins))
        words.append(f"{side.name} {error:.3f}")
    clips = len(duel.first.predictions)
    key = ("reliability", duel.version, *((curve.name, curve.colour) for curve in curves))
    elements.figure(
        cache.figure(key, lambda: reliability_diagram(curves)),
        key="reliability",
        title=f"Does confidence match accuracy? (n = {clips:,} clips)",
        alt="Accuracy against mean confidence, with 95 % intervals; expected "
        f"calibration errors: {', '.join(words)}.",
        table=pd.concat(curve.bins.assign(network=curve.name) for curve in curves),
    )
    elements.words(
        f"Expected calibration error, {BINS} bins: **{', '.join(words)}** (0 is best). Above the "
        "dotted line a network is underconfident, below it overconfident.",
        key="reliability-note",
    )


_COLUMNS = 3
_PAGE = 4 * _COLUMNS  # cards
_LISTS = ("won", "lost", "both right", "both wrong")


def show_clips(duel: Duel, results: Recorded) -> None:
    """Choose a class, unless a click did; then its clips as cards, each to be opened."""
    labels = duel.first.predictions.labels
    st.subheader("Clips won and lost", anchor=False)
    session.put_chosen("class_")
    session.heed_link("class_", labels, what="class")
    label = st.selectbox(
        "Class",
        labels,
        index=None,
        placeholder="Click a class above, or choose one here",
        key="class_",
        bind="query-params",
    )
    if label is None:
        first = str(_gained(duel)["classes"].iloc[0])
        elements.dead_end(
            "Click a class above, or choose one here, to see the clips behind its numbers.",
            key="class",
            ways={f"Show {first}": partial(session.choose_later, "class_", first)},
        )
        return
    found = won(duel.first.predictions, duel.second.predictions, label=labels.index(label))
    lists = dict(
        zip(_LISTS, (found.won, found.lost, found.both_right, found.both_wrong), strict=True)
    )
    elements.words(_summary(label, lists, duel), key="clips-summary")
    session.put_chosen("clips")
    which = st.segmented_control(
        "Clips",
        _LISTS,
        default=_LISTS[0],
        required=True,
        format_func=lambda name: f"{_heading(name, duel)} ({len(lists[name])})",
        key="clips",
    )
    shown = lists[which or _LISTS[0]]
    if shown:
        _cards(shown, duel, results)
        return
    elements.dead_end(
        "There are no such clips. Choose another list.",
        key="list",
        ways={
            f"{_heading(name, duel)} ({len(clips)})": partial(session.choose_later, "clips", name)
            for name, clips in lists.items()
            if clips
        },
    )


def _summary(label: str, lists: dict[str, tuple[Answered, ...]], duel: Duel) -> str:
    won_, lost, right, wrong = (len(lists[name]) for name in _LISTS)
    return (
        f"**{markdown(label)}**, n = {won_ + lost + right + wrong}: "
        f"{duel.first.name} alone is right on {won_} clips, {duel.second.name} alone on {lost}, "
        f"both on {right}, neither on {wrong}."
    )


def _heading(name: str, duel: Duel) -> str:
    return {
        "won": f"Only {duel.first.name} right",
        "lost": f"Only {duel.second.name} right",
        "both right": "Both right",
        "both wrong": "Both wrong",
    }[name]


def _cards(clips: Sequence[Answered], duel: Duel, results: Recorded) -> None:
    pages = -(-len(clips) // _PAGE)
    at = st.pagination(pages, key=f"cards-{pages}") if pages > 1 else 1
    shown = clips[_PAGE * (at - 1) : _PAGE * at]
    for start in range(0, len(shown), _COLUMNS):
        for place, clip in zip(st.columns(_COLUMNS), shown[start : start + _COLUMNS], strict=False):
            with place.container(border=True):
                _card(clip, duel, results)


def _card(clip: Answered, duel: Duel, results: Recorded) -> None:
    st.markdown(f"**{markdown(results.clip_name(clip.index))}**")
    first = _answer(duel.first, clip.first, clip.first_probability, truth=clip.label)
    second = _answer(duel.second, clip.second, clip.second_probability, truth=clip.label)
    st.markdown(f"{first}  \n{second}")
    if st.button("Open", key=f"open-{clip.label}-{clip.index}", icon=":material/play_circle:"):
        page.open_clip(results.clip(clip.label, clip.index))


def _answer(side: Side, answer: int, probability: float, *, truth: int) -> str:
    mark = "✓ right" if answer == truth else "✗ wrong"
    label = markdown(side.predictions.labels[answer])
    return f"{side.name} gives {percent(probability)} to {label}: {mark}"


def show(duel: Duel, results: Recorded) -> None:
    """Draw all of it, from the answers on record: no network is run."""
    if duel.first.predictions.model == duel.second.predictions.model:
        elements.dead_end(
            "These are the same network: choose another to compare it with.",
            key="same",
            ways={
                f"Compare with {side.name}": partial(session.choose_later, "b", side.name)
                for side in sides_of(results)
                if side.model != duel.first.model
            },
        )
        return
    show_overall(duel)
    show_classes(duel)
    show_clips(duel, results)
    show_pairs(duel)
    show_calibration(duel)
    first, second = duel.first.source, duel.second.source
    elements.python(notebook.comparison(first, second, one_run=duel.one_run))
