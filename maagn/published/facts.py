"""What was published about networks: facts with their source, never measured here."""

from dataclasses import dataclass

PAPER = "MAAGN, Neural Processing Letters 2024"
MMACTION2 = "mmaction2's model zoo"


@dataclass(frozen=True)
class Published:
    """A published accuracy.

    Attributes:
        top1: in percent.
        data: the data set.
        test: views, where the source says.
        source: who says so.
    """

    top1: float
    data: str
    test: str
    source: str

    def __str__(self) -> str:
        """As people read it."""
        test = f", {self.test}" if self.test else ""
        return f"{self.top1:g} % top-1 on {self.data}{test} ({self.source}; not measured here)"


FACTS: dict[str, Published] = {
    "tsm-r50-8f-sthv2": Published(62.72, "Something-Something V2", "three crops", MMACTION2),
    "tsm-r50-8f-sthv1": Published(45.6, "Something-Something V1", "", PAPER),
    "tpn-r50-8f-sthv1": Published(49.0, "Something-Something V1", "", PAPER),
    "maagn-r50-8f-sthv1": Published(50.4, "Something-Something V1", "", PAPER),
    "maagn-r50-8f-sthv2": Published(62.7, "Something-Something V2", "", PAPER),
}
