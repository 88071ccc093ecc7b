"""What does a switch or an edited mask cost, from the features that a run kept?"""

from collections.abc import Iterator

from maagn.bench.row import Row, row
from maagn.bench.subject import forward, noise, subject, timed
from maagn.explain.switches import Change, change
from maagn.trace import trace


def intervention(short: bool) -> Iterator[Row]:
    """SDM off on one path, and a frame of its mask written over, path by path."""
    clip = noise()
    maagn = subject("maagn", short)
    run = trace(maagn, clip)
    paths = range(len(maagn.spec.levels))
    works = {"forward": forward(maagn, clip)}

    def changed(path: int, one: Change) -> object:
        return change(maagn, run, tuple(one if i == path else Change() for i in paths))

    for path in paths:
        frames = len(run.path_seconds[path])
        off = Change(off=frozenset({"sdm"}))
        edit = Change(mtam=(2.0, *[None] * (frames - 1)))
        works[f"switch {path}"] = lambda path=path, one=off: changed(path, one)  # type: ignore[misc]
        works[f"edit {path}"] = lambda path=path, one=edit: changed(path, one)  # type: ignore[misc]
    taken = timed(works, short=short)
    for path, level in enumerate(maagn.spec.levels):
        for kind, what in (("switch", "SDM off"), ("edit", "a frame's mask edited")):
            yield row(
                f"intervention, {kind} on res{level}", f"{what} on path res{level} / bare forward",
                taken, over=(f"{kind} {path}", "forward"), target=0.25,
            )  # fmt: skip
