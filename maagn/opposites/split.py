"""The three splits of the benchmark."""

from typing import Literal

Split = Literal["train", "val", "test"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")


def number_of(split: Split) -> int:
    """Place in `SPLITS`.

    Raises:
        ValueError: no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"there are splits {', '.join(SPLITS)}, got {split!r}")
    return SPLITS.index(split)
