"""Predictions on record: those of the run that was chosen, or the best for the networks.

A run names its networks by the SHA-256 of their checkpoints. What other weights said is never shown
under a network's name: where networks have no results, the page says so, and what makes them.
"""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from app import cache, elements, page, runs, session
from app.controls import AUTOMATIC
from app.elements import markdown
from app.networks import choose_where, groups, is_demonstration
from app.runs import RunChoice
from app.selection import ClipChoice, Selection
from maagn.checkpoint import CheckpointInfo
from maagn.errors import MaagnError, ResultsError
from maagn.evaluate.predictions import Predictions
from maagn.evaluate.results import SHIPPED, Origin, Results
from maagn.labels import ClassRelations
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.teach.report import SPLIT

NO_PAIRS = "None of these clips is of a class with an opposite: there are no pairs to show."


@dataclass(frozen=True)
class Source:
    """Where a network's answers stand.

    Attributes:
        model: what the network was called when it was asked.
        file: of the results, or folder of the run; None for those that came with the explorer.
    """

    model: str
    file: Path | None


class _Clips(NamedTuple):
    """Which clips were asked about; files, whose numbers tell nothing, by the run that has them."""

    split: str
    results: Path | None
    truth: bytes
    numbers: bytes


@dataclass(frozen=True, eq=False)
class Recorded:
    """What is on record of the networks of a page, all on the same clips.

    Attributes:
        results: of those that were asked, under their present names; none where nobody was.
        sources: of each one's answers, by its present name.
        run: that the clips are of.
        missing: names of those that were not asked about these clips.
        readers: networks whose frames of a clip are shown, for moving pictures of it.
    """

    results: Results
    sources: dict[str, Source]
    run: RunChoice | None
    missing: tuple[str, ...]
    readers: tuple[str, ...]

    @property
    def of_files(self) -> bool:
        """Whether the clips are files; else they are the benchmark's."""
        return self.results.origin.clips is not None

    @property
    def about(self) -> str:
        """Which run this is, and which clips these are; Markdown."""
        title = "" if self.run is None else f"Run **{markdown(self.run.title)}**: "
        gone = [model for model in self.results.models if self.kind(model) is None]
        away = f" The weights of {markdown(', '.join(gone))} are not here." if gone else ""
        return title + self._clips() + away

    @property
    def present(self) -> tuple[str, ...]:
        """The networks of which there is a file here."""
        return tuple(model for model in self.results.models if self.kind(model) is not None)

    @property
    def line(self) -> str:
        """The same for a report, without marks."""
        return "" if self.run is None else f"Run: {self.run.title} ({self.run.about})"

    def _clips(self) -> str:
        first, origin = self.results.predictions[0], self.results.origin
        clips = f"{len(first):,} clip{'s' * (len(first) != 1)}"
        if first.split == SPLIT:
            return f"{clips}, each predicted by a head that was fitted without it."
        if not self.of_files:
            return f"{clips} of the benchmark's {first.split} split."
        have = "has" if origin.left_out == 1 else "have"
        left = f" {origin.left_out:,} more {have} no class or no prediction."
        left *= bool(origin.left_out)
        return f"{clips} of {markdown(origin.data)}, {first.split}.{left}"

    def kind(self, model: str) -> str | None:
        """The title of a network's architecture; None where its checkpoint is not here."""
        return kind_of(model, self.results.origin.digests.get(model))

    def clip(self, label: int, index: int) -> ClipChoice:
        """The clip of a row, by its true class and its number."""
        assert self.run is not None  # rows are of a run
        return self.run.clip(self.results, label, index)

    def clip_name(self, index: int) -> str:
        """What people call a clip beside its class."""
        if self.of_files:
            return self.results.origin.clip_name(index)
        return f"{self.results.predictions[0].split.capitalize()} clip {index}"


def kind_of(model: str, digest: str | None) -> str | None:
    """The title of the architecture of these weights; None where no file here holds them."""
    try:
        card = cache.card(model)
    except MaagnError:  # no such network, or a damaged file
        return None
    return card.architecture.title if card.digest == digest else None


def recorded(chosen: Selection) -> Recorded:
    """The predictions of the chosen run; without one, the best for the networks that are chosen.

    Of several runs that is the one that most of them took part in; the test split goes before
    others, then more clips before fewer, and the left-out clips of a taught network's own.

    Raises:
        ResultsError: the run, or the file that came with the explorer, is missing or damaged.
    """
    names = chosen.question.models
    if chosen.run is None:
        return of_networks(names)
    run = runs.choices().get(chosen.run)
    if run is None:
        raise ResultsError(f"The run {chosen.run!r} is gone: choose another on the left.")
    return of_run(run, names)


def of_run(run: RunChoice, names: Sequence[str]) -> Recorded:
    """All that a run holds, its networks under their present names.

    Args:
        run: which.
        names: networks whose frames are shown where the run's own are not here.
    """
    results = run.results()
    present = _present()
    called: dict[str, str] = {}
    for model in results.models:
        name = present.get(results.origin.digests.get(model, ""), model)
        called[model] = model if name in called.values() else name
    file = None if run.path == SHIPPED else run.path
    renamed = tuple(replace(one, model=called[one.model]) for one in results)
    digests = {called[model]: digest for model, digest in results.origin.digests.items()}
    found = Recorded(
        Results(renamed, replace(results.origin, digests=digests)),
        {called[model]: Source(model, file) for model in results.models},
        run,
        (),
        tuple(names),
    )
    return replace(found, readers=found.present or found.readers)


def _present() -> dict[str, str]:
    """Names of the networks that are here, by digest."""
    return {cache.card(name).digest: name for names in groups().values() for name in names}


def of_networks(names: Sequence[str]) -> Recorded:
    """The answers of these networks; of several runs, the one that most took part in.

    Raises:
        ResultsError: the demonstration networks are asked for, and the file of their results is
            missing or damaged.
    """
    digests = {name: cache.card(name).digest for name in names}
    by_clips: dict[_Clips, dict[str, tuple[Predictions, Source]]] = {}
    run_of: dict[_Clips, RunChoice] = {}
    damage = None
    for run in runs.choices().values():
        if run.digests is not None and run.digests.isdisjoint(digests.values()):
            continue
        try:
            results = run.results()
        except ResultsError as error:
            damage = error if run.path == SHIPPED else damage
            continue
        for predictions in results:
            digest = results.origin.digests.get(predictions.model)
            asked = _Clips(
                predictions.split,
                None if results.origin.clips is None else run.path,
                predictions.truth.tobytes(),
                predictions.clip.tobytes(),
            )
            same = by_clips.setdefault(asked, {})
            run_of.setdefault(asked, run)
            file = None if run.path == SHIPPED else run.path
            for name in names:
                if digest == digests[name] and name not in same:
                    same[name] = (replace(predictions, model=name), Source(predictions.model, file))
    clips = max(
        by_clips,
        key=lambda one: (len(by_clips[one]), one.split == "test", len(one.truth)),
        default=None,
    )
    best = {} if clips is None else by_clips[clips]
    if not best and damage is not None and all(is_demonstration(cache.card(n)) for n in names):
        raise damage
    chosen = [name for name in names if name in best]
    of = {name: digests[name] for name in chosen}
    of_clips = None if clips is None or not best else run_of[clips]
    origin = Origin(of) if of_clips is None else replace(of_clips.results().origin, digests=of)
    return Recorded(
        Results(tuple(best[name][0] for name in chosen), origin),
        {name: best[name][1] for name in chosen},
        of_clips,
        tuple(name for name in names if name not in best),
        tuple(names),
    )


def data_of(chosen: Selection) -> str | None:
    """Name of the set of the chosen run's clips; None where no run is chosen."""
    run = None if chosen.run is None else runs.choices().get(chosen.run)
    return None if run is None or run.stored is None else run.stored.plan.data


def counted(clips: int, split: str) -> str:
    """A number of clips in words: `2,040 test clips`, `12 left-out clips`."""
    return f"{clips:,} {split.replace(' ', '-')} clip{'s' * (clips != 1)}"


def answers_of(chosen: Selection, name: str) -> Predictions | None:
    """One network's answers of the chosen run, or the best; None where there are none."""
    try:
        found = of_networks((name,)) if chosen.run is None else recorded(chosen)
    except ResultsError:
        return None
    return next((one for one in found.results if one.model == name), None)


def show(names: Sequence[str], *, beside: Sequence[str] = ()) -> None:
    """In place of results.

    Args:
        names: networks that know the same classes, none of them with results.
        beside: others of their group, of which there are results.
    """
    listed = markdown(", ".join(names))
    if beside:
        st.caption(f"There are results of {markdown(', '.join(beside))}.")
    if cache.card(names[0]).labels == OPPOSITES_LABELS:
        st.info(
            f"There are no results of **{listed}** yet, and those of other networks are not shown "
            "in their place. These networks know the benchmark's classes: Data asks them about "
            "its clips.",
            icon=":material/rule:",
        )
        _evaluate()
        return
    st.info(
        f"There are no results of **{listed}**, and those of other networks are not shown in their "
        "place. On videos of their own classes, from a folder or a list, the command line counts "
        "how often they are right:",
        icon=":material/rule:",
    )
    st.code(command(names), language="bash", wrap_lines=True)


def no_pairs() -> None:
    """In place of pairs, where no clip is of a class with an opposite."""

    def of(choose: Callable[[], None]) -> None:
        session.choose_later("run", AUTOMATIC)
        choose()

    elements.dead_end(
        NO_PAIRS,
        key="no-pairs",
        ways={label: partial(of, choose) for label, choose in choose_where(_has_pairs).items()},
    )


def _has_pairs(card: CheckpointInfo) -> bool:
    relations = ClassRelations.of(card.labels)
    return any(relations.opposite_of(label) for label in card.labels)


def missing(names: Sequence[str]) -> None:
    """Beside the results of other networks of the same group: these have none on the same clips."""
    if names:
        st.caption(f"Not evaluated on these clips yet: {markdown(', '.join(names))}.")
        if cache.card(names[0]).labels == OPPOSITES_LABELS:
            _evaluate()


def command(names: Sequence[str]) -> str:
    """What evaluates networks on videos of their own classes."""
    models = " ".join(f"--model {shlex.quote(name)}" for name in names)
    return f"maagn evaluate {models} --data PATH/TO/VIDEOS --split val --out runs/MY-RESULTS"


def _evaluate() -> None:
    there = page.named("data")
    asked = {"view": "Evaluate"}
    st.page_link(there, label="Evaluate networks on Data", icon=there.icon, query_params=asked)
