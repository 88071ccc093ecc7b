"""Which clips of a set belong together, by what their files' names begin with."""

import re
from collections.abc import Sequence
from pathlib import Path

_NUMBERED = re.compile(r"(.+?)[-_ .]*\d*$")  # a name that several clips begin with


def groups_by_name(ids: Sequence[str]) -> list[str]:
    """The group of each clip: `anna-1.mp4` and `anna-2.mp4` are of `anna`.

    A clip whose name is digits alone is a group of its own: in/10.mp4 has nothing to do with
    in/11.mp4, nor with out/10.mp4.

    Args:
        ids: of the clips, which may say folders.
    """
    return [each if Path(each).stem.isdecimal() else _beginning(Path(each).stem) for each in ids]


def tell_groups(groups: Sequence[str]) -> bool:
    """Whether there are several groups, and one has several clips."""
    return 1 < len(set(groups)) < len(groups)


def _beginning(stem: str) -> str:
    match = _NUMBERED.fullmatch(stem)
    return match[1] if match else stem
