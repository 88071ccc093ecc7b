"""Each network's map put to the test: deletion, insertion, random weights."""

import numpy as np
import pandas as pd
import streamlit as st

from app import cache, exhibit
from app.answer import Answer, layer
from app.jobs import Job
from app.literal import markdown
from app.panels.stage import network_name, player_view, told_apart
from maagn.explain.faithfulness import (
    BASELINE,
    LAYERS,
    RANDOM,
    RULE,
    STEPS,
    Faithfulness,
    Unit,
    faithfulness,
)
from maagn.figures.faithfulness import curves

_FINDING = {
    "better": "better than random",
    "partly": "in part better than random",
    "none": "no better than random",
    "worse": "worse than random",
}


def tested_all(answer: Answer, unit: Unit, job: Job) -> tuple[Faithfulness, ...]:
    """The test of every network's map, one after the other."""
    found = []
    for place, one in enumerate(answer.reports):
        job.step(place / len(answer.reports), f"Testing the map of {one.model.name}")
        model = cache.model(one.model.name)
        run = cache.traced(one.model.name, answer.clip)
        found.append(
            faithfulness(
                model, answer.clip, run, target=one.target, method=answer.question.method,
                layer=layer(answer.question, one.model.name), unit=unit,
            )
        )  # fmt: skip
    return tuple(found)


def show(answer: Answer, found: tuple[Faithfulness, ...], *, moment: int) -> None:
    """The maps, then a verdict and two curves a network."""
    exhibit.player(player_view(answer, charts=(), moment=moment), key="evidence-tested")
    exhibit.words(
        f"What the map marks is deleted first, in {STEPS} steps, and the probability of "
        f"**{markdown(answer.reports[0].label)}** is asked for after each; then the same is "
        f"inserted. What is deleted becomes {BASELINE}. The band is {RANDOM} random orders."
    )
    for one, name, tested in zip(answer.reports, told_apart(answer.reports), found, strict=True):
        st.subheader(markdown(name), anchor=False)
        exhibit.words(
            f"**{tested.verdict}**\n\nThe map of random weights is "
            f"{_FINDING[tested.random_finding]}, and {tested.alike:.2f} alike to this map."
        )
        exhibit.figure(
            curves(tested, network=network_name(one)),
            key=f"curves-{name.lower()}",
            title=f"{name}: deletion and insertion",
            alt=f"{name}. {tested.verdict}",
            table=_rows(tested),
        )
    with st.expander("How the verdict is reached"):
        exhibit.words(f"{RULE}\n\nRandom weights: {LAYERS}.")


def _rows(tested: Faithfulness) -> pd.DataFrame:
    orders = ["map", "random weights", *(f"random {i + 1}" for i in range(RANDOM))]
    count = len(tested.curves.shares)
    return pd.DataFrame(
        {
            "order": np.repeat(orders, count),
            "share": np.tile(tested.curves.shares, len(orders)),
            "deletion": tested.curves.deletion.ravel(),
            "insertion": tested.curves.insertion.ravel(),
        }
    )
