"""Which two networks are compared, and the comparison as a table that people read."""

from collections.abc import Hashable
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st
from streamlit.column_config import NumberColumn

from app import cache, runs, session
from app.runs import RunChoice
from app.views.recorded import Recorded, Source, of_run
from maagn.evaluate.align import align
from maagn.evaluate.metrics import calibration_error, reliability
from maagn.evaluate.predictions import Predictions
from maagn.figures.palette import OTHER, colour


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two networks.

    Attributes:
        name: what people read: `MAAGN`, or the model's own name where several are of one kind.
        colour: of its kind, as `#RRGGBB`.
        predictions: of the clips of the run.
        source: where they are read.
        here: whether the file of the network is here.
    """

    name: str
    colour: str
    predictions: Predictions
    source: Source
    here: bool

    @property
    def model(self) -> str:
        """The network's present name."""
        return self.predictions.model

    def calibration(self) -> tuple[pd.DataFrame, float]:
        """The bins of the reliability diagram, and the expected calibration error."""
        logits, truth = self.predictions.logits, self.predictions.truth
        return reliability(logits, truth), calibration_error(logits, truth)


@dataclass(frozen=True, eq=False)
class Duel:
    """Two networks with their predictions for the same clips.

    Attributes:
        first: a network of the chosen run.
        second: another of it, or one of another run.
        one_run: whether both are of the chosen run; else the clips are those that both have seen.
    """

    first: Side
    second: Side
    one_run: bool = True

    @property
    def predictions(self) -> tuple[Predictions, Predictions]:
        """Of the first and of the second network."""
        return self.first.predictions, self.second.predictions

    @property
    def version(self) -> Hashable:
        """What tells this comparison, as the files are now, from all others."""
        sides = (self.first.source, self.second.source)
        return tuple(cache.version_of(side.file, side.model) for side in sides)

    @property
    def split(self) -> str:
        """The split of the benchmark that the clips belong to, or `left out`."""
        return self.first.predictions.split

    @property
    def colours(self) -> tuple[str, str]:
        """Colours of the first and the second network, as `#RRGGBB`."""
        return self.first.colour, self.second.colour


def choose(chosen: Recorded) -> Duel:
    """Two lists bound to the address as `a` and `b`; MAAGN and TSM at first, as in Figure 8.

    The second also offers the networks of other runs that know the same classes. The two are
    compared on the clips that both have seen.

    Raises:
        ResultsError: they have no clip in common, or the other run is damaged.
    """
    sides = {side.name: side for side in sides_of(chosen)}
    others = _of_other_runs(chosen)
    names = list(sides)
    left, right, _ = st.columns([1, 1, 2])
    first = _select(left, "Network", names, key="a", best="MAAGN", other=0)
    offered = [*names, *others]
    other = len(names) - 1 if len(names) > 1 else min(1, len(offered) - 1)
    second = _select(right, "Against", offered, key="b", best="TSM", other=other)
    one = sides[first]
    if second in sides:
        return Duel(one, _apart(sides[second], one))
    run, model = others[second]
    against = of_run(run, chosen.readers)
    now = against.results.models[run.results().models.index(model)]
    here, there = align(chosen.results, one.predictions.model, against.results, now)
    title = against.kind(now)
    worn = OTHER if title is None else colour(title)
    other_side = Side(second, worn, there, against.sources[now], title is not None)
    return Duel(replace(one, predictions=here), _apart(other_side, one), one_run=False)


def networks(duel: Duel) -> tuple[str, ...]:
    """Names of the two networks, as far as their files are here."""
    return tuple(side.model for side in (duel.first, duel.second) if side.here)


def comparable(chosen: Recorded) -> bool:
    """Whether there are two networks to compare."""
    return len(chosen.results.models) + len(_of_other_runs(chosen)) > 1


def sides_of(chosen: Recorded) -> list[Side]:
    """All networks of a run; of a kind that occurs once by its kind, others by their names."""
    kinds = [chosen.kind(model) for model in chosen.results.models]
    sides: list[Side] = []
    for kind, predictions in zip(kinds, chosen.results, strict=True):
        name = predictions.model if kind is None or kinds.count(kind) > 1 else kind
        worn = OTHER if kind is None else colour(kind)
        source = chosen.sources[predictions.model]
        sides.append(Side(name, worn, predictions, source, kind is not None))
    return sides


def _of_other_runs(chosen: Recorded) -> dict[str, tuple[RunChoice, str]]:
    """Networks of other runs that know the same classes, by what they are offered as."""
    if not chosen.results.models:
        return {}
    labels = sorted(chosen.results.predictions[0].labels)
    known = set(chosen.results.origin.digests.values())
    return {
        f"{model}, of {run.title}": (run, model)
        for run in runs.choices().values()
        if run.stored is not None and run != chosen.run and sorted(run.stored.plan.labels) == labels
        for model, digest in zip(run.stored.plan.models, run.stored.plan.digests, strict=True)
        if digest not in known
    }


def _apart(side: Side, other: Side) -> Side:
    """The side in a colour of its own, where both are of one kind."""
    return replace(side, colour=OTHER) if side.colour == other.colour else side


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
    session.put_chosen(key)
    session.heed_link(key, names, what="network", default=names[start])
    return place.selectbox(title, names, index=start, key=key, bind="query-params")


COLUMNS = {
    "gain": NumberColumn(format="%+.1f"),
    "p": NumberColumn(format="%.4f"),
}


def readable(table: pd.DataFrame, duel: Duel, *, what: str) -> pd.DataFrame:
    """The rows of `maagn.evaluate.compare.table` in percent and points, under the networks' names.

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
            "gain": 100 * table["gain"],
            "95 % interval": [
                f"{100 * low:+.1f} to {100 * high:+.1f}"
                for low, high in zip(table["gain_low"], table["gain_high"], strict=True)
            ],
            f"{first} alone": table["first_alone"],
            f"{second} alone": table["second_alone"],
            "p": table["p"],
        }
    )
