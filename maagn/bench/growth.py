"""How does the cost grow with frames, clips and classes?"""

from collections.abc import Iterator
from dataclasses import replace

from maagn.bench.row import Row, row
from maagn.bench.subject import forward, noise, subject, timed
from maagn.checkpoint import Model
from maagn.config import TransformSpec

FRAMES = (8, 16, 32)
CLIPS = (1, 8, 32)
CLASSES = (174, 400)
LINEAR = 1.05
"""What counts as linear: the quartiles of one work against itself are that far apart."""


def _subject(short: bool, **changes: int) -> Model:
    """At 112 x 112, so that a batch of 32 clips fits most memories."""
    made = subject("maagn", short, **changes)
    return made if short else replace(made, transform=TransformSpec(resize=128, crop=112))


def growth(short: bool) -> Iterator[Row]:
    """Cost a frame, a clip and a network with more classes, against the smallest."""
    each: dict[str, int] = {}
    works = {}
    for frames in FRAMES:
        model = _subject(short, frames=frames)
        each[name := f"a frame of {frames}"] = frames
        works[name] = forward(model, noise(frames))
    model = _subject(short)
    for clips in CLIPS:
        each[name := f"a clip of {clips}"] = clips
        works[name] = forward(model, noise(), clips=clips)
    for classes in CLASSES:
        each[name := f"{classes} classes"] = 1
        works[name] = forward(_subject(short, classes=classes), noise())
    found = timed(works, short=short)
    taken = {name: [s / each[name] for s in seconds] for name, seconds in found.items()}
    for size in FRAMES[1:]:
        yield row(
            f"growth, {size} frames", f"cost of a frame at T = {size} / at T = {FRAMES[0]}", taken,
            over=(f"a frame of {size}", f"a frame of {FRAMES[0]}"), target=LINEAR,
        )  # fmt: skip
    for size in CLIPS[1:]:
        yield row(
            f"growth, {size} clips", f"cost of a clip in a batch of {size} / alone", taken,
            over=(f"a clip of {size}", f"a clip of {CLIPS[0]}"), target=LINEAR,
        )  # fmt: skip
    yield row(
        "growth, classes", f"forward with {CLASSES[1]} classes / with {CLASSES[0]}", taken,
        over=(f"{CLASSES[1]} classes", f"{CLASSES[0]} classes"), target=LINEAR,
    )  # fmt: skip
