"""Which two networks are compared, and the comparison as a table that people read."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st
from streamlit.column_config import NumberColumn, TextColumn

from app import cache, session
from maagn.evaluate.predictions import Predictions
from maagn.evaluate.results import Results
from maagn.figures.palette import NETWORKS


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two networks.

    Attributes:
        name: what people read: `MAAGN`, or the model's own name where several are of one kind.
        colour: of its kind, as `#RRGGBB`.
        answers: to all clips of the split.
    """

    name: str
    colour: str
    predictions: Predictions


@dataclass(frozen=True, eq=False)
class Duel:
    """Two networks with their predictions for the same clips."""

    first: Side
    second: Side

    @property
    def split(self) -> str:
        """The split of the benchmark that the clips belong to, or `left out`."""
        return self.first.predictions.split

    @property
    def colours(self) -> tuple[str, str]:
        """Colours of the first and the second network, as `#RRGGBB`."""
        return self.first.colour, self.second.colour


def choose(results: Results) -> Duel:
    """Two lists bound to the address as `a` and `b`; MAAGN and TSM at first, as in Figure 8."""
    kinds = [cache.card(model).architecture.title for model in results.models]
    sides = {side.name: side for side in sides_of(results, kinds)}
    names = list(sides)
    left, right, _ = st.columns([1, 1, 2])
    first = _select(left, "Network", names, key="a", best="MAAGN", other=0)
    second = _select(right, "Against", names, key="b", best="TSM", other=len(names) - 1)
    return Duel(sides[first], sides[second])


def sides_of(results: Results, kinds: Sequence[str]) -> list[Side]:
    """All networks that there are results of, with the title of each one's architecture."""
    return [
        Side(kind if kinds.count(kind) == 1 else predictions.model, NETWORKS[kind], predictions)
        for kind, predictions in zip(kinds, results, strict=True)
    ]


def _select(
    place: st.delta_generator.DeltaGenerator,
    title: str,
    names: list[str],
    *,
    key: str,
    best: str,
    other: int,
) -> str:
    start = names.index(best) if best in names else other
    session.heed_link(key, names, what="network", default=names[start])
    return place.selectbox(title, names, index=start, key=key, bind="query-params")


# A narrow first column: the numbers are what is compared, and a cell opens to its whole name.
COLUMNS = {
    "pair of opposites": TextColumn(width=340),
    "gain, points": NumberColumn(format="%+.1f"),
    "McNemar p": NumberColumn(format="%.4f"),
}


def readable(table: pd.DataFrame, duel: Duel, *, what: str) -> pd.DataFrame:
    """The rows of `maagn.evaluate.compare.table` in percent, under the networks' names.

    Args:
        table: the comparisons.
        duel: whose they are.
        what: heading of the first column.
    """
    first, second = duel.first.name, duel.second.name
    return pd.DataFrame(
        {
            what: table["classes"],
            "n": table["clips"],
            f"{first}, %": (100 * table["first"]).round(1),
            f"{second}, %": (100 * table["second"]).round(1),
            "gain, points": 100 * table["gain"],
            "95 % interval": [
                f"{100 * low:+.1f} to {100 * high:+.1f}"
                for low, high in zip(table["gain_low"], table["gain_high"], strict=True)
            ],
            f"{first} alone": table["first_alone"],
            f"{second} alone": table["second_alone"],
            "McNemar p": table["p"],
        }
    )
