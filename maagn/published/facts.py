"""What was published about networks: facts with their source, never measured here."""

from collections.abc import Sequence
from dataclasses import dataclass

from maagn.config import PRESETS, ModelSpec
from maagn.data.mapping import plain
from maagn.errors import CheckpointError
from maagn.labels import something_something_v2

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
        """As people read it."""
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
    return f"{spec.arch.upper()}, ResNet-{spec.depth}, {spec.frames} frames, {spec.classes} classes"
