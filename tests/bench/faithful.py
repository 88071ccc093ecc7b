"""What the test of one map takes with a large network, as who waits for it sees it.

    OMP_NUM_THREADS=1 python -m tests.bench.faithful --preset tsm-r50-8f

Random weights, a clip of the gallery, 224 x 224. Between the forwards a look ten times a second at
the time left, as the page has it.
"""

import argparse
import threading
import time
from dataclasses import replace
from itertools import pairwise

import torch

from app.gallery.catalogue import gallery
from app.pace import Countdown, Pace
from maagn.checkpoint import Model, Provenance
from maagn.config import TransformSpec
from maagn.explain.design import FULL, forwards, quick
from maagn.explain.faithfulness import Faithfulness, faithfulness
from maagn.inference import trace
from maagn.nn.build import PRESETS, build
from maagn.video.read import read_clip

_LOOK_SECONDS = 0.1


def subject(preset: str) -> Model:
    """The network, which knows four classes."""
    torch.manual_seed(1)
    spec = replace(PRESETS[preset], classes=4)
    return Model(
        name=preset,
        network=build(spec).eval().requires_grad_(False),
        spec=spec,
        labels=tuple("abcd"),
        transform=TransformSpec(),
        provenance=Provenance("nothing", "a measurement", 1, 0, 0, 0, "none"),
        digest=preset,
    )


class Watch:
    """The steps of a test, and what is told of the time left meanwhile."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.steps: list[float] = []
        self.told: list[tuple[float, float]] = []
        self._pace, self._countdown = Pace(), Countdown()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def step(self, done: int, of: int) -> None:
        """One more forward begins."""
        self.steps.append(time.monotonic())
        self._pace.told(done / of)

    def end(self) -> None:
        """Print what was seen."""
        self.steps.append(time.monotonic())
        self._over.set()
        self._thread.join()
        seconds = self.steps[-1] - self.begun
        longest = max(after - before for before, after in pairwise(self.steps))
        print(f"  {seconds:.1f} s, longest between two steps {longest:.1f} s")
        if self.told:
            off = max(abs(at + left - self.steps[-1]) for at, left in self.told)
            first = self.told[0][0] - self.begun
            print(f"  time left: told after {first:.1f} s, off by {off:.1f} s at most")
            print(f"  it grew for {self._growth()} looks in a row at most, of {len(self.told)}")

    def _look(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            left = self._countdown.look(self._pace.seconds_left)
            if left is not None:
                self.told.append((time.monotonic(), left))

    def _growth(self) -> int:
        longest = row = 0
        for (_, before), (_, after) in pairwise(self.told):
            row = row + 1 if after > before else 0
            longest = max(longest, row)
        return longest


def main() -> None:
    """Measure as asked for on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--preset", default="tsm-r50-8f", choices=list(PRESETS))
    given = parser.parse_args()
    model = subject(given.preset)
    clip = read_clip(gallery()[0].path, samplings=[model.sampling])
    run = trace(model, clip)
    (design,) = quick([model])
    coarse: Faithfulness | None = None
    for depth, chosen in (("quick", design), ("refined to the full one", FULL)):
        before = None if coarse is None else coarse.design
        count = forwards(model, chosen, coarse=before)
        print(f"{depth}: {chosen.steps} steps, {chosen.random} random orders, {count} forwards")
        watch = Watch()
        coarse = faithfulness(
            model, clip, run, target=1, method="gradcam", layer="backbone.res4",
            design=chosen, coarse=coarse, step=watch.step,
        )  # fmt: skip
        watch.end()


if __name__ == "__main__":
    main()
