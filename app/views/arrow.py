"""A clip forwards and backwards: what networks predict, which frames carry it, how far it holds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from app import cache, elements
from app.elements import markdown
from app.jobs import Job
from app.predictions import Answer
from app.selection import Question, Selection
from app.views.notebook import lines, prepared
from app.views.stage import network_name, player_view, told_apart
from app.work import worked_out
from maagn.evaluate.intervals import wilson
from maagn.explain.arrow import Arrow, Shuffles, arrow, shuffles
from maagn.explain.orders import Orders, ignores_order
from maagn.figures.layout import percent
from maagn.figures.orders import (
    BothWays,
    Line,
    both_ways,
    reordered_strip,
    shuffle_curves,
    swap_lines,
)
from maagn.figures.palette import colour
from maagn.inference import prepare
from maagn.types import ClipTensor, Prediction

_SEARCHED = 128  # orders, about: what the bar is measured by
_SHUFFLED = 160


def code(question: Question) -> str:
    """Every network's arrow of time for the clip."""
    script = prepared(question) + lines(
        "arrows = {model.name: arrow(model, prepare(model, clip)) for model in models}\n"
        "for name, found in arrows.items():\n"
        "    both = found.directions\n"
        "    print(name, both.forward.top(1), both.backward.top(1), both.divergence, found.flips)\n"
        "    print(found.smallest.frames, found.smallest.exact, found.swaps)\n"
        "    print(found.shuffles.strengths, found.shuffles.kept, found.shuffles.breaks_at)",
        imports=["from maagn.explain.arrow import arrow", "from maagn.inference import prepare"],
    )
    return str(script)


@dataclass(frozen=True, eq=False)
class Directed:
    """One network's arrow of time.

    Attributes:
        name: what people call the network.
        colour: as `#RRGGBB`.
        arrow: without shuffles.
        inputs: the frames that it saw.
        without_order: whether it averages over the frames.
    """

    name: str
    colour: str
    arrow: Arrow
    inputs: ClipTensor
    without_order: bool


def show(answer: Answer, here: Selection) -> None:
    """Both directions, then which frames carry them, then shuffles."""
    question = answer.question
    asked = (question.clip, question.models, question.digests)
    found = worked_out(("arrow", *asked), lambda job: _directed(answer, job), height=900)
    if found is None:
        return
    elements.words(headline(found), key="headline")
    player, facts = st.columns([2, 1], gap="large")
    with player:
        view = player_view(answer, charts=(), moment=here.moment)
        rails = view.rails[:2]  # of no path: masks are not looked at here
        elements.player(replace(view, overlays=(), rails=rails, backwards=True), key="player")
    with facts:
        elements.words("\n".join(f"- {_both_words(one)}" for one in found), key="directions")
    _pair(found, question.target or answer.reports[0].label)
    st.subheader("Which frames carry it?", anchor=False)
    for one in found:
        _smallest(one)
    _swaps(found)
    st.subheader("At which shuffle does it break?", anchor=False)
    shuffled = worked_out(("shuffles", *asked), lambda job: _shuffled(answer, job), height=420)
    if shuffled is not None:
        _shuffles(found, shuffled)


def _directed(answer: Answer, job: Job) -> tuple[Directed, ...]:
    names = told_apart(answer.reports)
    clip = cache.clip(answer.question.clip, answer.question.models)
    found = []
    for index, (report, name) in enumerate(zip(answer.reports, names, strict=True)):
        model = cache.model(report.model.name)
        inputs = prepare(model, clip)

        def step(computed: int, *, index: int = index, name: str = name) -> None:
            part = (index + min(computed / _SEARCHED, 1)) / len(names)
            job.step(part, f"Turning frames around for {name}: {computed} orders")

        step(0)
        relations = report.model.relations
        one = arrow(model, inputs, relations=relations, with_shuffles=False, step=step)
        kind = colour(network_name(report))
        found.append(Directed(name, kind, one, inputs, ignores_order(model)))
    return tuple(found)


def _shuffled(answer: Answer, job: Job) -> tuple[Shuffles, ...]:
    clip = cache.clip(answer.question.clip, answer.question.models)
    found = []
    for index, report in enumerate(answer.reports):
        model = cache.model(report.model.name)

        def step(computed: int, *, index: int = index, name: str = model.name) -> None:
            part = (index + min(computed / _SHUFFLED, 1)) / len(answer.reports)
            job.step(part, f"Shuffling frames for {name}: {computed} orders")

        step(0)
        orders = Orders(model, prepare(model, clip), step=step)
        best = int(orders([tuple(range(orders.frames))])[0].argmax())
        other = report.model.relations.opposite_of(model.labels[best])
        number = None if other is None else model.labels.index(other)
        found.append(shuffles(orders, orders.frames, best, number))
    return tuple(found)


def headline(found: Sequence[Directed]) -> str:
    """Who predicts the opposite when the very same frames run backwards."""
    turned = [one.name for one in found if one.arrow.flips]
    if not turned:
        changed = [one.name for one in found if one.arrow.directions.changed]
        text = "**No network predicts the opposite when the same frames run backwards.**"
        if not changed:
            return text
        return f"{text} {_listed(changed)} then predict{'s' * (len(changed) == 1)} something else."
    predict = "predicts" if len(turned) == 1 else "predict"
    return (
        f"**{_listed(turned)} {predict} the opposite when the very same frames run backwards: "
        "their order decides it.**"
    )


def _listed(names: Sequence[str]) -> str:
    return markdown(names[0] if len(names) == 1 else _and(names))


def _both_words(one: Directed) -> str:
    """What a network predicts in both directions, and how far the two are apart."""
    both, name = one.arrow.directions, f"**{markdown(one.name)}**"
    (label, p), (back, q) = both.forward.top(1)[0], both.backward.top(1)[0]
    nats = f"Temporal divergence **{nats_of(both.divergence)}**."
    if one.without_order:
        return (
            f"{name} gives {percent(p)} to {markdown(label)} in both directions: it averages over "
            f"the frames, whose order it cannot know. {nats}"
        )
    if one.arrow.flips:
        then = f"and {percent(q)} to its opposite, {markdown(back)}, backwards"
    elif label == back:
        then = f"and {percent(q)} to the same backwards"
    else:
        not_it = "" if one.arrow.opposite is None else ", which is not the opposite"
        then = f"and {percent(q)} to {markdown(back)}{not_it}, backwards"
    return f"{name} gives {percent(p)} to {markdown(label)} forwards {then}. {nats}"


def nats_of(divergence: float) -> str:
    """A divergence as people read it; 0 alone is exactly that."""
    if divergence == 0:
        return "exactly 0"
    return "under 0.001 nats" if divergence < 0.001 else f"{divergence:.2g} nats"


def _pair(found: Sequence[Directed], label: str) -> None:
    """Probabilities of one class and its opposite, and the table of both directions."""
    rows = pd.DataFrame(_row(one) for one in found)
    first = found[0].arrow
    other = first.opposite if first.answer == label else None
    for one in found:
        relations = cache.card(one.arrow.directions.model).relations
        other = other or relations.opposite_of(label)
    if other is None:
        (back, _), *_ = first.directions.backward.top(1)
        other = back if back != label else first.directions.backward.top(2)[1][0]
    knowing = [one for one in found if {label, other} <= set(one.arrow.directions.forward.labels)]
    elements.figure(
        both_ways([_ends(one, label, other) for one in knowing], label=label, other=other),
        key="both-ways",
        title="The same frames, forwards and backwards",
        alt="; ".join(
            f"{one.name}: {label} {percent(_p(one.arrow.directions.forward, label))} forwards, "
            f"{percent(_p(one.arrow.directions.backward, label))} backwards"
            for one in knowing
        ),
        table=rows,
        arrays={
            f"{one.name}.{way}": logits
            for one in found
            for way, logits in (
                ("forward", one.arrow.directions.forward.logits),
                ("backward", one.arrow.directions.backward.logits),
            )
        },
    )
    elements.caption(
        "Temporal divergence: the Kullback-Leibler divergence of the backward prediction from the "
        "forward one, in nats; 0 where they are the same.",
        key="divergence-note",
    )
    with st.expander("The same as a table", expanded=False):
        elements.table(
            pd.DataFrame(_in_words(one) for one in found),
            key="directions-table",
            title="Both directions: log odds of the prediction against its opposite",
        )


def _ends(one: Directed, label: str, other: str) -> BothWays:
    both = one.arrow.directions
    first, second = ((_p(both.forward, each), _p(both.backward, each)) for each in (label, other))
    name = f"{one.name}, {nats_of(both.divergence)}"
    return BothWays(name, one.colour, first, second)


def _p(prediction: Prediction, label: str) -> float:
    return float(prediction.probabilities[prediction.labels.index(label)])


def _row(one: Directed) -> dict[str, object]:
    found = one.arrow
    (label, p), (back, q) = (
        each.top(1)[0] for each in (found.directions.forward, found.directions.backward)
    )
    odds = (None, None) if found.log_odds is None else found.log_odds
    return {
        "network": one.name,
        "forwards": label,
        "p forwards": round(p, 4),
        "backwards": back,
        "p backwards": round(q, 4),
        "becomes the opposite": "yes" if found.flips else "no",
        "divergence, nats": round(found.directions.divergence, 6),
        "log odds forwards": odds[0],
        "log odds backwards": odds[1],
        "smallest set": ", ".join(map(str, found.smallest.frames)),
        "sets tried": found.smallest.tried,
        "no smaller set": "yes" if found.smallest.exact else "not all were tried",
    }


def _in_words(one: Directed) -> dict[str, str]:
    """The same as a page has room for."""
    found = one.arrow
    odds = found.log_odds
    ways = zip(
        ("forwards", "backwards"),
        (found.directions.forward, found.directions.backward),
        strict=True,
    )
    return {
        "network": one.name,
        **{way: ", ".join((label, percent(p))) for way, said in ways for label, p in said.top(1)},
        "opposite": "yes" if found.flips else "no",
        "divergence": nats_of(found.directions.divergence),
        "log odds": "" if odds is None else f"{odds[0]:+.1f}, {odds[1]:+.1f}",
        "smallest set": ", ".join(map(str, found.smallest.frames)) or "none",
    }


def _smallest(one: Directed) -> None:
    """A sentence, and the frames with those outlined that turn the prediction."""
    elements.words(smallest_words(one), key=f"smallest-{one.name}")
    smallest = one.arrow.smallest
    if not smallest.frames:
        return
    strip = reordered_strip(
        one.inputs.pictures, smallest.order, seconds=one.inputs.seconds, colour=one.colour
    )
    moved = ", ".join(map(str, smallest.frames))
    st.image(strip, width="stretch", alt=f"{one.name}: the frames with {moved} turned around")


def smallest_words(one: Directed) -> str:
    """Which frames turn a prediction when they alone are played backwards; or that none do."""
    found, name = one.arrow, f"**{markdown(one.name)}**"
    smallest, tried = found.smallest, found.smallest.tried
    label = markdown(found.answer)
    if found.turned is None:
        if one.without_order:
            return f"{name}: no order turns {label}, because none changes anything."
        if smallest.exact:
            return f"{name}: no set of frames turns {label}; all {tried:,} were tried."
        return f"{name}: none of {tried:,} sets of frames turns {label}; not all were tried."
    frames, seconds = smallest.frames, one.inputs.seconds
    listed = _and([str(frame) for frame in frames])
    times = _and([f"{seconds[frame]:.2f} s" for frame in frames])
    how = "Swapping" if len(frames) == 2 else "Turning around"
    then, p = found.turned.top(1)[0]
    was = percent(found.directions.forward.top(1)[0][1])
    text = f"{how} frames **{listed}** alone ({times}) "
    if then == found.opposite or found.opposite is None:
        text += f"turns {name} from {label} ({was}) to {markdown(then)} ({percent(p)})."
    else:
        text += (
            f"puts {markdown(found.opposite)} above {label} ({was} before) in {name}'s prediction; "
            f"most probable is then {markdown(then)} ({percent(p)})."
        )
    if not smallest.exact:
        return f"{text} Not every smaller set was tried."
    return text if len(frames) == 2 else f"{text} No smaller set does."


def _and(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _swaps(found: Sequence[Directed]) -> None:
    found = [one for one in found if len(one.arrow.swaps)]  # a single frame has no neighbour
    if not found:
        return
    tables = [_swap_rows(one) for one in found]
    dearest = max(found, key=lambda one: one.arrow.swaps.max())
    first = int(dearest.arrow.swaps.argmax())
    cost = dearest.arrow.swaps[first]
    elements.figure(
        swap_lines(
            [Line(one.name, one.colour, rows) for one, rows in zip(found, tables, strict=True)]
        ),
        key="swaps",
        title="What swapping two neighbours costs",
        alt=f"Greatest for {dearest.name}: frames {first} and {first + 1}, {cost:+.2f} nats",
        table=pd.concat(
            [rows.assign(network=one.name) for one, rows in zip(found, tables, strict=True)]
        ),
    )
    elements.caption(
        "By how much the log odds of a network's prediction against its opposite fall (against the "
        "most probable other class where there is none). Below 0 the swap speaks for it.",
        key="swaps-note",
    )


def _swap_rows(one: Directed) -> pd.DataFrame:
    seconds, costs = one.inputs.seconds, one.arrow.swaps
    return pd.DataFrame(
        {
            "frames": [f"{first} and {first + 1}" for first in range(len(costs))],
            "seconds": (seconds[:-1] + seconds[1:]) / 2,
            "nats": costs,
        }
    )


def _shuffles(found: Sequence[Directed], shuffled: Sequence[Shuffles]) -> None:
    tables = [
        shuffle_rows(each, sampled=not one.without_order)
        for one, each in zip(found, shuffled, strict=True)
    ]
    said = [breaking_words(one, each) for one, each in zip(found, shuffled, strict=True)]
    elements.words("\n".join(f"- {text}" for text in said), key="breaking")
    trials = int(shuffled[0].trials.max())
    elements.figure(
        shuffle_curves(
            [Line(one.name, one.colour, rows) for one, rows in zip(found, tables, strict=True)]
        ),
        key="shuffles",
        title=f"How many shuffles keep the prediction (n = {trials} at each strength)",
        alt=" ".join(said).replace("*", ""),
        table=pd.concat(
            [rows.assign(network=one.name) for one, rows in zip(found, tables, strict=True)]
        ),
    )
    elements.caption(
        "Strength is the share of all pairs of frames that stand in the wrong order (Kendall's tau "
        "distance): 0 % is the clip as filmed, 100 % backwards. At each strength orders are drawn "
        "evenly, the same for all networks. Areas: 95 % intervals (Wilson). A ring: here, for the "
        "first time, under half keep it.",
        key="shuffles-note",
    )


def shuffle_rows(found: Shuffles, *, sampled: bool) -> pd.DataFrame:
    """One row per strength; what is no sample has no interval: the ends, and where none matters.

    Args:
        found: of a network.
        sampled: whether orders can change its prediction.
    """
    ends = [
        wilson(int(kept), int(n)) if n > 1 and sampled else (kept / n, kept / n)
        for kept, n in zip(found.kept, found.trials, strict=True)
    ]
    broken = -1.0 if found.breaks_at is None else found.breaks_at
    return pd.DataFrame(
        {
            "strength": found.strengths,
            "trials": found.trials,
            "kept": found.kept / found.trials,
            "low": [low for low, _ in ends],
            "high": [high for _, high in ends],
            "opposite": found.opposite / found.trials,
            "breaks": np.isclose(found.strengths, broken),
        }
    )


def breaking_words(one: Directed, found: Shuffles) -> str:
    """At which strength under half of the shuffles keep a network's prediction."""
    name, label = f"**{markdown(one.name)}**", markdown(one.arrow.answer)
    if (found.kept == found.trials).all():
        return f"{name} keeps {label} in every shuffle."
    if found.breaks_at is None:
        least = (found.kept / found.trials).min()
        return (
            f"{name} keeps {label} in half of the shuffles or more: {percent(least)} at the least."
        )
    at = int(np.flatnonzero(np.isclose(found.strengths, found.breaks_at))[0])
    kept, trials = int(found.kept[at]), int(found.trials[at])
    share = percent(found.breaks_at)
    if trials == 1:
        return f"{name} loses {label} only when all frames run backwards."
    return (
        f"{name} loses {label} where **{share}** of the pairs of frames are in the wrong order: "
        f"{kept} of {trials} such shuffles keep it."
    )
