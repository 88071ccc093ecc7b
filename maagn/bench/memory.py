"""How much memory does an explanation take beside the answer alone?"""

from collections.abc import Iterator
from dataclasses import replace

from maagn.bench.peak import WORKS, peak
from maagn.bench.row import Row, row


def memory(short: bool) -> Iterator[Row]:
    """Peaks of fresh processes, in turns."""
    turns = 1 if short else 3
    taken: dict[str, list[float]] = {work: [] for work in WORKS}
    for _ in range(turns):
        for work in WORKS:
            taken[work].append(peak(work, short=short))
    found = row(
        "memory", "peak memory of explaining a clip / of a bare forward", taken,
        over=("explain", "forward"), target=1.5, note="fresh processes, libraries and weights in",
    )  # fmt: skip
    yield replace(found, unit="MB")
