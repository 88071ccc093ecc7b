"""How much of a network's bare pace an evaluation keeps, decoding and writing included."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from maagn.bench.filmed import Filmed, film
from maagn.bench.interleaved import interleaved
from maagn.bench.row import Row, row
from maagn.bench.subject import subject
from maagn.checkpoint import Model
from maagn.data.videos import Video, VideoSet
from maagn.runs.answers import Answering
from maagn.runs.engine import run
from maagn.runs.plan import Plan
from maagn.video.transform import normalise

HOW = Filmed(seconds=4, width=320, height=240)  # as the clips of Something-Something are
TARGET = 0.9
BATCH, SHORT_BATCH = 2, 4


def evaluation(short: bool) -> Iterator[Row]:
    """Clips a second of a run, over those of the network on tensors that are ready.

    Args:
        short: the demonstration's small network instead of ResNet-50 at 224 x 224.
    """
    model = subject("maagn", short)
    clips = 32 if short else 6
    batch = SHORT_BATCH if short else BATCH
    mark = " (short)" if short else ""
    with tempfile.TemporaryDirectory(prefix="maagn-bench-") as folder:
        videos = _videos(Path(folder), clips, model)
        plan = Plan.of([model], videos, batch=batch, threads=torch.get_num_threads())
        asking = Answering(plan, [model])
        seen = [asking.prepare(video) for video in videos.videos]
        (pictures,) = zip(*(one.values() for one in seen), strict=True)
        ready = normalise(np.concatenate([one for one, _ in pictures]), model.transform)
        turns = iter(range(1000))

        def evaluated() -> None:
            run(Path(folder) / f"run-{next(turns)}", plan, videos, asking)

        def bare() -> None:
            with torch.inference_mode():
                for start in range(0, clips, batch):
                    model.network(ready[start : start + batch])

        def decoded() -> None:
            for video in videos.videos:
                asking.prepare(video)

        taken = interleaved(
            {"evaluation": evaluated, "bare": bare, "decoding alone": decoded},
            rounds=5 if short else 3,
        )
    words = f"{clips} clips of {HOW.seconds} s of {HOW.height}p, {_words(model)}"
    yield row(
        f"evaluation{mark}",
        f"pace of an evaluation of {words} / pace of the network on ready tensors",
        taken,
        over=("bare", "evaluation"),
        target=TARGET,
        at_least=True,
    )
    yield row(
        f"evaluation's decoding{mark}",
        f"time to decode, one after another, {words} / the network's time",
        taken,
        over=("decoding alone", "bare"),
    )


def _videos(folder: Path, count: int, model: Model) -> VideoSet:
    """Files of the same content under names of their own."""
    content = film(folder / "clip.mp4", HOW).read_bytes()
    videos = []
    for number in range(count):
        path = folder / f"{number}.mp4"
        path.write_bytes(content)
        videos.append(Video(str(number), path, 0))
    return VideoSet("bench", "class-folders", folder, "val", model.labels, tuple(videos))


def _words(model: Model) -> str:
    return f"{model.name} at {model.transform.crop} pixels on {torch.get_num_threads()} threads"
