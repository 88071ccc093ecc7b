"""What can be measured, by name: each topic gives its rows."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import torch

from maagn.bench.operators import peers
from maagn.bench.peak import WORKS, peak
from maagn.bench.reading import evaluation, reading
from maagn.bench.row import Row, row
from maagn.bench.subject import forward, noise, subject, timed
from maagn.checkpoint import Model
from maagn.config import TransformSpec
from maagn.explain.cam import METHODS, cam
from maagn.explain.interventions import Intervention, change
from maagn.explain.report import explain, report
from maagn.inference import prepare, trace
from maagn.nn.taps import record


def network(short: bool) -> Iterator[Row]:
    """Forwards of MAAGN, of TPN, and of MAAGN with everything kept."""
    clip = noise()
    maagn = subject("maagn", short)
    levels = maagn.spec.levels
    same = subject("tpn", short, levels=levels, rates=(1,) * len(levels))
    data = prepare(maagn, clip).data

    def kept() -> object:
        with torch.inference_mode(), record(maagn.network) as taps:
            maagn.network(data)
        return taps

    def plain() -> object:
        maagn.network.requires_grad_(True)
        try:
            return maagn.network(data)
        finally:
            maagn.network.requires_grad_(False)

    works = {
        "MAAGN": forward(maagn, clip),
        "TPN": forward(same, clip),
        "TPN of two levels": forward(subject("tpn", short), clip),
        "MAAGN, kept": kept,
        "MAAGN, as trained": plain,
    }
    taken = timed(works, short=short)
    yield row(
        "network / TPN", "MAAGN's forward / TPN's on the same backbone and levels", taken,
        over=("MAAGN", "TPN"), target=1.05,
    )  # fmt: skip
    yield row(
        "network / TPN of two levels", "MAAGN's forward / TPN's with its published two levels",
        taken, over=("MAAGN", "TPN of two levels"),
        note="MAAGN's neck has res3 too: that is the difference",
    )  # fmt: skip
    yield row(
        "network, kept", "forward with all masks, gates and votes kept / bare forward", taken,
        over=("MAAGN, kept", "MAAGN"), target=1.02,
    )  # fmt: skip
    yield row(
        "network, fast twin", "forward of the fast twins / of the network as it is trained", taken,
        over=("MAAGN", "MAAGN, as trained"),
    )  # fmt: skip


def explanation(short: bool) -> Iterator[Row]:
    """Maps of one method and of eight, of one network and of three, of one class and the next."""
    clip = noise()
    models = [subject(arch, short) for arch in ("maagn", "tpn", "tsn")]
    maagn, run, turn = models[0], trace(models[0], clip), count()

    def maps(methods: list[str]) -> object:
        seen = trace(maagn, clip)
        return [cam(maagn, seen, 0, method=method) for method in methods]

    def another_class() -> object:  # more classes than the trace keeps gradients of
        return report(maagn, clip, run, target=next(turn) % len(maagn.labels))

    works = {
        "forward": forward(maagn, clip),
        "forward of TPN": forward(models[1], clip),
        "forward of TSN": forward(models[2], clip),
        "Grad-CAM": lambda: maps(["gradcam"]),
        "eight methods": lambda: maps(list(METHODS)),
        "six methods": lambda: maps([one for one in METHODS if not one.startswith("eigen")]),
        "three networks": lambda: [explain(model, clip, target=0) for model in models],
        "another class": another_class,
    }
    taken = timed(works, short=short)
    yield row(
        "explanation, Grad-CAM", "forward and Grad-CAM at res4 / bare forward", taken,
        over=("Grad-CAM", "forward"), target=1.4,
    )  # fmt: skip
    yield row(
        "explanation, eight methods", "maps by eight methods / by one, the forward included", taken,
        over=("eight methods", "Grad-CAM"), target=1.2,
    )  # fmt: skip
    yield row(
        "explanation, six methods", "the same by the six without a principal axis", taken,
        over=("six methods", "Grad-CAM"), target=1.2,
    )  # fmt: skip
    yield row(
        "explanation, three networks",
        "explaining by MAAGN, TPN and TSN / their three bare forwards", taken,
        over=("three networks", ("forward", "forward of TPN", "forward of TSN")), target=1.8,
    )  # fmt: skip
    yield row(
        "explanation, another class", "explaining another class of the same run / bare forward",
        taken, over=("another class", "forward"), target=0.4, note="no forward, no decoding",
    )  # fmt: skip


def intervention(short: bool) -> Iterator[Row]:
    """SDM off on one path, and a frame of its mask written over, path by path."""
    clip = noise()
    maagn = subject("maagn", short)
    run = trace(maagn, clip)
    paths = range(len(maagn.spec.levels))
    works = {"forward": forward(maagn, clip)}

    def changed(path: int, one: Intervention) -> object:
        return change(maagn, run, tuple(one if i == path else Intervention() for i in paths))

    for path in paths:
        frames = len(run.path_seconds[path])
        off = Intervention(off=frozenset({"sdm"}))
        edit = Intervention(mtam=(2.0, *[None] * (frames - 1)))
        works[f"switch {path}"] = lambda path=path, one=off: changed(path, one)  # type: ignore[misc]
        works[f"edit {path}"] = lambda path=path, one=edit: changed(path, one)  # type: ignore[misc]
    taken = timed(works, short=short)
    for path, level in enumerate(maagn.spec.levels):
        for kind, what in (("switch", "SDM off"), ("edit", "a frame's mask edited")):
            yield row(
                f"intervention, {kind} on res{level}", f"{what} on path res{level} / bare forward",
                taken, over=(f"{kind} {path}", "forward"), target=0.25,
            )  # fmt: skip


def memory(short: bool) -> Iterator[Row]:
    """Peak memory of fresh processes, run in turns."""
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


Topic = Callable[[bool], Iterator[Row]]
"""Whether the short form is asked for -> rows as they are measured."""

TOPICS: dict[str, Topic] = {
    "network": network,
    "explanation": explanation,
    "intervention": intervention,
    "memory": memory,
    "growth": growth,
    "peers": peers,
    "reading": reading,
    "evaluation": evaluation,
}
