"""What one training of one row came to, kept as a small JSON file."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """One network of one seed, measured on the test split.

    Attributes:
        key: of the row.
        seed: of initialisation, order, augmentation and dropout.
        command: that trained it.
        steps: of the optimiser.
        hardware: on which it ran.
        clips: of the test split.
        top1: share of right answers.
        within_pair: share of clips whose class is more probable than its opposite.
        opposite_confusion: share answered with the opposite.
        reversal_flips: share of right answers that become the opposite when frames are reversed.
        per_class: right answers of each class, in the benchmark's order.
    """

    key: str
    seed: int
    command: str
    steps: int
    hardware: str
    clips: int
    top1: float
    within_pair: float
    opposite_confusion: float
    reversal_flips: float
    per_class: tuple[int, ...]

    def write(self, folder: Path) -> None:
        """Write `<key>-<seed>.json`, whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.key}-{self.seed}.json"
        partial = path.with_suffix(".part")
        partial.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        partial.replace(path)


def read_outcomes(folder: Path) -> list[Outcome]:
    """Every outcome in that folder, by key and seed."""
    found = []
    for path in sorted(folder.glob("*-*.json")):
        values = json.loads(path.read_text(encoding="utf-8"))
        values["per_class"] = tuple(values["per_class"])
        found.append(Outcome(**values))
    return sorted(found, key=lambda outcome: (outcome.key, outcome.seed))
