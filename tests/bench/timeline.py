"""Is each action of a film found at its place? A film of which every second's class is known.

    python -m tests.bench.timeline --per-class 3 --window 3 --window 2

Test clips of the rendered benchmark in random order, one straight after the other, as one H.264
file of 25 frames a second, through `maagn.explain.timeline`. Of each clip three things are told:
whether the window that lies best on it has its class for an answer; how long after the clip begins
the band first shows its class, within a window of the clip; and for which part of its seconds the
band does. Beside them stands what the network says of the clip alone, cut out of the film.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from maagn.checkpoint import load_model
from maagn.explain.timeline import NetworkTimeline, Timeline, timeline
from maagn.explain.windows import WINDOW
from maagn.opposites.clip import OPPOSITES_LABELS, draw_clip
from maagn.section import Section
from maagn.video.encode import write_mp4

NAMES = ("maagn-demo", "tpn-demo", "tsm-demo", "tsn-demo")
RATE = 25
SIDE = 160
SECONDS = 3.0
"""Of a rendered clip, which has no time of its own; `maagn.data.measure` takes it for as long."""


@dataclass(frozen=True)
class Pasted:
    """A clip in the film: its class, and where it is."""

    label: str
    section: Section


@dataclass(frozen=True)
class Found:
    """What a band shows of a clip.

    Attributes:
        right: whether the window that lies best on it has its class for an answer.
        delay: seconds from its start to where the band first shows its class; below zero where
            that is before; None where it never does, from half a window before to the clip's end.
        share: part of its seconds in which the band shows its class.
    """

    right: bool
    delay: float | None
    share: float


def paste(
    path: Path, clips: Sequence[tuple[str, int]], *, seconds: float = SECONDS, rate: int = RATE
) -> list[Pasted]:
    """Write the film of those test clips, class and index, and say where each is."""
    count = round(seconds * rate)
    times = (np.arange(count) + 0.5) / count

    def frames():
        for label, index in clips:
            yield from draw_clip(label, split="test", index=index).render(times, size=SIDE)

    write_mp4(path, frames(), seconds=np.arange(count * len(clips)) / rate, keyframe_every=rate)
    length = count / rate
    return [
        Pasted(label, Section(place * length, (place + 1) * length))
        for place, (label, _) in enumerate(clips)
    ]


def found(line: Timeline, answers: NetworkTimeline, pasted: Pasted) -> Found:
    """What one network's band shows of one clip."""
    wanted, (start, end) = pasted.label, (pasted.section.start, pasted.section.end)
    said = [answers.model.labels[index] == wanted for index in answers.best]
    middles = (line.starts + line.ends) / 2
    best = int(np.abs(middles - (start + end) / 2).argmin())
    parts = list(zip(line.edges[:-1], line.edges[1:], said, strict=True))
    inside = sum(max(0.0, min(b, end) - max(a, start)) for a, b, right in parts if right)
    half = (line.ends[0] - line.starts[0]) / 2
    firsts = [a for a, b, right in parts if right and b > start - half and a < end]
    delay = float(firsts[0] - start) if firsts else None
    return Found(said[best], delay, float(inside / (end - start)))


def summary(line: Timeline, answers: NetworkTimeline, pasted: Sequence[Pasted]) -> str:
    """What one network's band shows of all clips, as cells of a table."""
    all_found = [found(line, answers, one) for one in pasted]
    delays = [one.delay for one in all_found if one.delay is not None]
    low, middle, high = np.percentile(delays, [10, 50, 90])
    return (
        f"{np.mean([one.right for one in all_found]):.0%} | {len(delays) / len(pasted):.0%} | "
        f"{middle:+.2f} s ({low:+.2f} to {high:+.2f}) | "
        f"{np.mean([one.share for one in all_found]):.0%}"
    )


def main(per_class: int, windows: Sequence[float], seed: int) -> None:
    """One line a window and network."""
    models = [load_model(name) for name in NAMES]
    clips = [(label, index) for label in OPPOSITES_LABELS for index in range(per_class)]
    order = np.random.default_rng(seed).permutation(len(clips))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.mp4"
        pasted = paste(path, [clips[place] for place in order])
        alone = timeline(path, models, window=SECONDS, step=SECONDS)
        lines = [timeline(path, models, window=window) for window in windows]
    film = alone.film_seconds
    borders = np.array([one.section.start for one in pasted[1:]])
    cuts = [np.abs(borders - cut).min() < 0.1 for cut in alone.cuts]
    print(
        f"{len(pasted)} clips of {SECONDS:g} s, a film of {film:.0f} s; {sum(cuts)} of "
        f"{len(borders)} cuts found, and {len(cuts) - sum(cuts)} that are none.\n"
    )
    print("| network | window | alone | at its place | shown | delay | of its seconds |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for number, name in enumerate(NAMES):
        right = np.mean([found(alone, alone.answers[number], one).right for one in pasted])
        for window, line in zip(windows, lines, strict=True):
            cells = summary(line, line.answers[number], pasted)
            print(f"| {name} | {window:g} s | {right:.0%} | {cells} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-class", type=int, default=3)
    parser.add_argument("--window", type=float, action="append", help="seconds; repeatable")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    main(given.per_class, given.window or [WINDOW], given.seed)
