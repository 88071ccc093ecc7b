"""What was published about networks, with its source; and class names in the order of logits."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maagn.config import ModelSpec
from maagn.data.layouts.names import read_text
from maagn.data.mapping import plain
from maagn.errors import CheckpointError, DatasetError
from maagn.labels import something_something_v2
from maagn.nn.build import PRESETS, architecture_of

PAPER = "MAAGN, Neural Processing Letters 2024"
MMACTION2 = "mmaction2's model zoo"


@dataclass(frozen=True)
class Published:
    """A published accuracy of one network on one data set.

    Attributes:
        preset: what was measured, a key of `maagn.config.PRESETS`.
        top1: in percent.
        data: the data set.
        test: views, where the source says.
        source: who says so.
    """

    preset: str
    top1: float
    data: str
    test: str
    source: str

    def __str__(self) -> str:
        """The published accuracy in words, with its source."""
        test = f", {self.test}" if self.test else ""
        return f"{self.top1:g} % top-1 on {self.data}{test} ({self.source}; not measured here)"

    def fits(self, spec: ModelSpec, labels: Sequence[str]) -> bool:
        """Whether the figure can be of a network: its architecture, depth, frames and classes.

        Both releases of Something-Something have the same class names, in another order.
        """
        return _key(PRESETS[self.preset]) == _key(spec) and _names(labels) == _names(
            something_something_v2()
        )


FACTS: dict[str, Published] = {
    "tsm-r50-8f-sthv2": Published(
        "tsm-r50-8f", 62.72, "Something-Something V2", "three crops", MMACTION2
    ),
    "tsm-r50-8f-sthv1": Published("tsm-r50-8f", 45.6, "Something-Something V1", "", PAPER),
    "tpn-r50-8f-sthv1": Published("tpn-r50-8f", 49.0, "Something-Something V1", "", PAPER),
    "maagn-r50-8f-sthv1": Published("maagn-r50-8f", 50.4, "Something-Something V1", "", PAPER),
    "maagn-r50-8f-sthv2": Published("maagn-r50-8f", 62.7, "Something-Something V2", "", PAPER),
}


def figure(name: str, spec: ModelSpec, labels: Sequence[str]) -> Published:
    """The published figure of that name, if it is of this network.

    Args:
        name: a key of `FACTS`.
        spec: the network's.
        labels: the names of its classes.

    Raises:
        CheckpointError: there is no such figure, or it is of another network or other data; the
            message names those that fit.
    """
    if name not in FACTS:
        raise CheckpointError(f"Nothing published is called {name}: {', '.join(FACTS)}.")
    fact = FACTS[name]
    if fact.fits(spec, labels):
        return fact
    fitting = [other for other, one in FACTS.items() if one.fits(spec, labels)]
    advice = f"give {' or '.join(fitting)}" if fitting else "nothing published fits, leave it out"
    named = "" if _names(labels) == _names(something_something_v2()) else " of other names"
    raise CheckpointError(
        f"{name} is the figure of {_told(PRESETS[fact.preset])} of {fact.data}, and this network "
        f"is {_told(spec)}{named}: {advice}."
    )


def _key(spec: ModelSpec) -> tuple[str, int, int]:
    return spec.arch, spec.depth, spec.frames


def _names(labels: Sequence[str]) -> set[str]:
    return {plain(label) for label in labels}


def _told(spec: ModelSpec) -> str:
    title = architecture_of(spec).title
    return f"{title}, ResNet-{spec.depth}, {spec.frames} frames, {spec.classes} classes"


def read_labels(path: Path) -> tuple[str, ...]:
    """The class names of a list.

    Args:
        path: a text with one name per line; or JSON: a list of names, or names with their numbers
            from 0, also as texts, as in Something-Something's `labels.json`.

    Returns:
        The names as they are written, brackets included.

    Raises:
        CheckpointError: it is not there or no text, has no names, one of them twice, or numbers
            with a gap.
    """
    try:
        text = read_text(path)
    except DatasetError as error:
        raise CheckpointError(str(error)) from error
    names = _from_json(path, text)
    if names is None:
        names = [line.strip() for line in text.splitlines() if line.strip()]
    if not names:
        raise CheckpointError(f"{path.name} holds no class names: give one name per line.")
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise CheckpointError(f"{path.name} names the class {twice[:80]!r} twice: keep one.")
    return tuple(names)


def _from_json(path: Path, text: str) -> list[str] | None:
    """The names in JSON; None where it is a text, whose first name may begin with a bracket."""
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        if path.suffix.lower() == ".json":
            raise CheckpointError(f"{path.name} is damaged: download it again.") from error
        return None
    if isinstance(content, list) and all(isinstance(name, str) for name in content):
        return [name.strip() for name in content]
    try:
        numbers = {int(number): name.strip() for name, number in content.items()}
        if len(numbers) == len(content) and sorted(numbers) == list(range(len(content))):
            return [numbers[i] for i in range(len(numbers))]
    except (AttributeError, TypeError, ValueError):
        pass
    if path.suffix.lower() != ".json" and not isinstance(content, dict | list):
        return None  # a single name that is a number
    raise CheckpointError(
        f"{path.name} does not number the classes from 0: give each name its place among the "
        "logits, or a text with one name per line."
    )
