"""Predictions on record, of the benchmark or left out, of exactly the networks that are chosen.

A file of results names its networks by the SHA-256 of their checkpoints. What other weights said is
never shown under a network's name: where networks have no results, the page says so, and what makes
them.
"""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, cast

import streamlit as st

from app import cache, left_out, page
from app.elements import markdown
from app.networks import is_demonstration, results_folders
from app.selection import ClipChoice
from maagn.errors import ResultsError
from maagn.evaluate.evaluations import evaluations
from maagn.evaluate.predictions import Predictions
from maagn.evaluate.results import Origin, Results
from maagn.evaluate.store import RESULTS
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.split import Split

NO_PAIRS = "None of these clips is of a class with an opposite: there are no pairs to show."


@dataclass(frozen=True)
class Source:
    """Where a network's answers stand.

    Attributes:
        model: what the network was called when it was asked.
        file: of the results; None for those that came with the explorer.
    """

    model: str
    file: Path | None


class _Clips(NamedTuple):
    """Which clips were asked about; files, whose numbers tell nothing, by the results' own file."""

    split: str
    results: Path | None
    truth: bytes
    numbers: bytes


@dataclass(frozen=True, eq=False)
class Recorded:
    """What is on record of the chosen networks, all on the same clips.

    Attributes:
        results: of those that were asked, under their present names; none where nobody was.
        sources: of each one's answers, by its present name.
        missing: names of those that were not asked about these clips.
    """

    results: Results
    sources: dict[str, Source]
    missing: tuple[str, ...]

    @property
    def shipped(self) -> bool:
        """Whether all came with the explorer, under the same names."""
        return all(source == Source(name, None) for name, source in self.sources.items())

    @property
    def of_files(self) -> bool:
        """Whether the clips are files; else they are the benchmark's."""
        return self.results.origin.clips is not None

    @property
    def about(self) -> str:
        """A sentence that says which clips these are."""
        first = self.results.predictions[0]
        clips = f"{len(first):,} clip{'s' * (len(first) != 1)}"
        if self.of_files:
            return f"{clips}, each predicted by a head that was fitted without it."
        return f"{clips} of the benchmark's {first.split} split."

    def clip(self, label: int, index: int) -> ClipChoice:
        """The clip of a row, by its true class and its number."""
        if not self.of_files:
            split = cast("Split", self.results.predictions[0].split)
            return ClipChoice.of_test(label, index, split=split)
        file = next(iter(self.sources.values())).file
        assert file is not None  # only the benchmark's came with the explorer
        return left_out.choice(self.results, file, index)

    def clip_name(self, index: int) -> str:
        """What people call a clip beside its class."""
        if self.of_files:
            return self.results.origin.clip_name(index)
        return f"{self.results.predictions[0].split.capitalize()} clip {index}"


def recorded(names: Sequence[str]) -> Recorded:
    """The answers of these networks; of several evaluations, the one that most took part in.

    The test split goes before others, then more clips before fewer.

    Raises:
        ResultsError: the demonstration networks are asked for, and the file of their results is
            missing or damaged.
    """
    digests = {name: cache.card(name).digest for name in names}
    files, damage = _files(set(digests.values()))
    by_clips: dict[_Clips, dict[str, tuple[Predictions, Source]]] = {}
    for results, file in files:
        of_files = results.origin.clips is not None
        for predictions in results:
            digest = results.origin.digests.get(predictions.model)
            asked = _Clips(
                predictions.split,
                file if of_files else None,
                predictions.truth.tobytes(),
                predictions.clip.tobytes(),
            )
            same = by_clips.setdefault(asked, {})
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
    file = None if clips is None else clips.results
    origin = Origin(of) if file is None else replace(cache.results(file).origin, digests=of)
    return Recorded(
        Results(tuple(best[name][0] for name in chosen), origin),
        {name: best[name][1] for name in chosen},
        tuple(name for name in names if name not in best),
    )


def counted(clips: int, split: str) -> str:
    """A number of clips in words: `2,040 test clips`, `12 left-out clips`."""
    return f"{clips:,} {split.replace(' ', '-')} clip{'s' * (clips != 1)}"


def answers_of(name: str) -> Predictions | None:
    """One network's answers; None where there are none on record."""
    try:
        return next(iter(recorded((name,)).results), None)
    except ResultsError:
        return None


def _files(digests: set[str]) -> tuple[list[tuple[Results, Path | None]], ResultsError | None]:
    """The results that these networks may be among, and what is wrong with the first file."""
    damage = None
    files: list[tuple[Results, Path | None]] = []
    try:
        files.append((cache.results(), None))
    except ResultsError as error:
        damage = error
    files += _evaluated(digests)
    files += left_out.left_out(results_folders())
    return files, damage


def _evaluated(digests: set[str]) -> Iterator[tuple[Results, Path]]:
    """What evaluations of the Settings page found, the latest first."""
    for kept in evaluations():
        path = kept.folder / RESULTS
        if digests.isdisjoint(kept.plan.digests) or not path.exists():
            continue
        try:
            yield cache.results(path), path
        except ResultsError:
            continue  # Settings says so, beside its name


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
            "in their place. These networks know the benchmark's classes: Settings asks them about "
            "its clips.",
            icon=":material/rule:",
        )
        _settings()
        return
    st.info(
        f"There are no results of **{listed}**, and those of other networks are not shown in their "
        "place. On videos of their own classes, from a folder or a list, the command line counts "
        "how often they are right:",
        icon=":material/rule:",
    )
    st.code(command(names), language="bash", wrap_lines=True)


def missing(names: Sequence[str]) -> None:
    """Beside the results of other networks of the same group: these have none on the same clips."""
    if names:
        st.caption(f"Not evaluated on these clips yet: {markdown(', '.join(names))}.")
        if cache.card(names[0]).labels == OPPOSITES_LABELS:
            _settings()


def command(names: Sequence[str]) -> str:
    """What evaluates networks on videos of their own classes."""
    models = " ".join(f"--model {shlex.quote(name)}" for name in names)
    return f"maagn evaluate {models} --data PATH/TO/VIDEOS --split val --out runs/MY-RESULTS"


def _settings() -> None:
    there = page.named("settings")
    st.page_link(there, label="Run an evaluation in Settings", icon=there.icon)
