"""Is the map faithful? A quick test of every network's map, and the full one that refines it."""

from collections.abc import Sequence
from typing import Literal, cast

import numpy as np
import pandas as pd
import streamlit as st

from app import cache, elements
from app.elements import markdown
from app.jobs import Job
from app.predictions import Answer, layer
from app.selection import Selection
from app.views.notebook import lines, list_of, prepared, quoted
from app.views.stage import network_name, player_view, told_apart
from app.work import QUEUE, worked_out
from maagn.explain.design import FULL, Design, forwards, quick
from maagn.explain.faithfulness import BASELINE, Faithfulness, Unit, faithfulness
from maagn.explain.randomised import LAYERS
from maagn.explain.verdict import RULE
from maagn.figures.faithfulness import curves
from maagn.inference import forward_clips
from maagn.nn.macs import macs_of

Depth = Literal["quick", "full"]
UNITS = ("cells", "frames")
DEPTHS = ("quick", "full")

Tests = tuple[Faithfulness, ...]
"""One a network."""


def show(answer: Answer, here: Selection) -> None:
    """Draw the choices, then the quick test until the full one is there, if that is asked for."""
    left, right = st.columns(2)
    unit = cast(
        "Unit",
        left.segmented_control(
            "Delete", UNITS, default="cells", required=True, key="unit", bind="query-params"
        ),
    )
    depth = right.segmented_control(
        "Test", DEPTHS, default="quick", required=True, key="test", bind="query-params"
    )
    first = counted(answer)
    right.caption(
        f"Quick ({first} forwards) or full ({first + counted(answer, refined=True)} forwards), "
        "which begins with the quick one."
    )
    key = ("faithful", here.question, unit)
    full = QUEUE.result((*key, "full")) if depth == "full" else None
    if full is not None:
        _draw(answer, full, unit, moment=here.moment)
        return
    top = st.container()
    coarse = worked_out((*key, "quick"), lambda job: run_tests(answer, unit, job))
    if coarse is None:
        return
    if depth == "quick":
        _draw(answer, coarse, unit, moment=here.moment)
        return
    with QUEUE.staying_for((*key, "full")):
        _draw(answer, coarse, unit, moment=here.moment)
        with top:
            full = worked_out(
                (*key, "full"), lambda job: run_tests(answer, unit, job, coarse=coarse), height=120
            )
    if full is not None:
        st.rerun()  # to draw it in place of the quick one


def _plan(answer: Answer, *, refined: bool) -> list[tuple[Design, int]]:
    """Of each network the design, and the forwards that it takes: beyond the quick one's."""
    cards = [report.model for report in answer.reports]
    first = quick(cards)
    if refined:
        pairs = zip(cards, first, strict=True)
        return [(FULL, forwards(card, FULL, coarse=design)) for card, design in pairs]
    return [(design, forwards(card, design)) for card, design in zip(cards, first, strict=True)]


def counted(answer: Answer, *, refined: bool = False) -> int:
    """Forwards of the quick test of all networks, or those that make it the full one."""
    return sum(count for _, count in _plan(answer, refined=refined))


def run_tests(answer: Answer, unit: Unit, job: Job, *, coarse: Tests | None = None) -> Tests:
    """The quick test of every network's map, one after the other; or the full one.

    Args:
        answer: the networks' reports.
        unit: what is deleted at a time.
        job: told of every forward.
        coarse: the quick one, which is refined.
    """
    plan = _plan(answer, refined=coarse is not None)
    cards = [report.model for report in answer.reports]
    # How long a forward takes, about; and the forwards that were done for the quick test.
    weights = [forward_clips(card) * macs_of(card.spec, side=card.transform.crop) for card in cards]
    earlier = [0] * len(cards)
    if coarse is not None:
        earlier = [count for _, count in _plan(answer, refined=False)]
    counts = [count for _, count in plan]
    total = sum(earlier) + sum(counts)
    work = _dot(weights, earlier) + _dot(weights, counts)
    found: list[Faithfulness] = []
    for index, (report, (design, _)) in enumerate(zip(answer.reports, plan, strict=True)):

        def step(done: int, _of: int, *, index: int = index, name: str = report.model.name) -> None:
            now = [*counts[:index], done]
            part = (_dot(weights, earlier) + _dot(weights[: index + 1], now)) / work
            job.step(part, f"Forward {sum(earlier) + sum(now) + 1} of {total}, {name}")

        step(0, 0)
        test = faithfulness(
            cache.model(report.model.name),
            answer.clip,
            cache.traced(report.model.name, answer.clip),
            target=report.target,
            method=answer.question.method,
            layer=layer(answer.question, report.model.name),
            unit=unit,
            design=design,
            coarse=None if coarse is None else coarse[index],
            step=step,
        )
        found.append(test)
    return tuple(found)


def _dot(weights: Sequence[int], counts: Sequence[int]) -> int:
    return sum(weight * count for weight, count in zip(weights, counts, strict=True))


_FINDING = {
    "better": "better than random",
    "partly": "in part better than random",
    "none": "no better than random",
    "worse": "worse than random",
}


def _draw(answer: Answer, tests: Tests, unit: Unit, *, moment: int | None) -> None:
    """The maps, then a verdict and two curves a network."""
    elements.player(player_view(answer, charts=(), moment=moment), key="evidence-tested")
    steps = _range([test.design.steps for test in tests])
    orders = _range([test.design.random for test in tests])
    elements.words(
        f"What the map marks is deleted first, in {steps} steps, and the probability of "
        f"**{markdown(answer.reports[0].label)}** is asked for after each; then the same is "
        f"inserted. What is deleted becomes {BASELINE}. The band is {orders} random orders."
    )
    for one, name, test in zip(answer.reports, told_apart(answer.reports), tests, strict=True):
        st.subheader(markdown(name), anchor=False)
        elements.words(
            f"**{test.verdict}**\n\nThe map of random weights is "
            f"{_FINDING[test.random_finding]}; its cosine similarity to this map is "
            f"{test.alike:.2f}."
        )
        title = f"{name}: deletion and insertion"
        elements.figure(
            curves(test, network=network_name(one)),
            key=f"curves-{name.lower()}",
            title=f"{title} ({test.coarse})" if test.coarse else title,
            alt=f"{name}. {test.verdict}",
            table=_rows(test),
        )
    with st.expander("How the verdict is reached"):
        elements.words(f"{RULE}\n\nRandom weights: {LAYERS}.")
    elements.python(code(answer, unit, "full" if tests[0].design == FULL else "quick"))


def _range(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low} to {high}"


def _rows(test: Faithfulness) -> pd.DataFrame:
    numbers = range(1, test.design.random + 1)
    orders = ["map", "random weights", *(f"random {number}" for number in numbers)]
    count = len(test.curves.shares)
    return pd.DataFrame(
        {
            "order": np.repeat(orders, count),
            "share": np.tile(test.curves.shares, len(orders)),
            "deletion": test.curves.deletion.ravel(),
            "insertion": test.curves.insertion.ravel(),
        }
    )


def code(answer: Answer, unit: Unit, depth: Depth) -> str:
    """The test of every network's map: what deleting and inserting what it marks changes."""
    designs = "quick(models)" if depth == "quick" else "[FULL] * len(models)"
    script = prepared(answer.question) + lines(
        f"target = {quoted(answer.reports[0].label)}\n"
        f"layers = {list_of(report.cam.name for report in answer.reports)}\n"
        "results = [\n"
        "    faithfulness(\n"
        "        model, clip, maagn.trace(model, clip), target=model.labels.index(target),\n"
        f"        method={quoted(answer.question.method)}, layer=layer, unit={quoted(unit)},\n"
        "        design=design,\n"
        "    )\n"
        f"    for model, layer, design in zip(models, layers, {designs}, strict=True)\n"
        "]\n"
        "for model, result in zip(models, results, strict=True):\n"
        "    print(model.name, result.verdict)",
        imports=[
            f"from maagn.explain.design import {'quick' if depth == 'quick' else 'FULL'}",
            "from maagn.explain.faithfulness import faithfulness",
        ],
    )
    return str(script)
