"""What does an explanation cost beside the answer alone?"""

from collections.abc import Iterator
from itertools import count

from maagn.bench.row import Row, row
from maagn.bench.subject import forward, noise, subject, timed
from maagn.explain.cam import METHODS, cam
from maagn.explain.report import explain, report
from maagn.trace import trace


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
        "three networks": lambda: [explain(one, clip, target=0) for one in models],
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
