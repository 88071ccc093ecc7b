"""How long a clip takes to be read, and how much of a network's pace an evaluation keeps.

Beside the reader in its process stands what people write first: PyAV with its own settings decodes
the file from beginning to end in this process, and keeps eight frames as RGB.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np
import torch
from jaxtyping import UInt8

from maagn.bench.row import Row, interleaved, row
from maagn.bench.subject import subject
from maagn.checkpoint import Model
from maagn.config import SamplingSpec
from maagn.data.videos import Video, VideoSet
from maagn.evaluate.plan import Plan
from maagn.evaluate.prediction_rows import PredictionRows
from maagn.evaluate.runner import run
from maagn.video.read import read_clip
from maagn.video.transform import normalise


@dataclass(frozen=True)
class Filmed:
    """How a clip is made.

    Attributes:
        seconds: that it lasts, at 30 frames a second.
        width: pixels.
        height: pixels.
        group: frames from one key frame to the next.
        b_frames: at most, between two others.
    """

    seconds: int = 10
    width: int = 1280
    height: int = 720
    group: int = 250
    b_frames: int = 3


RATE = 30
PRESET = "fast"  # of x264; slower ones code the same kinds of frames


def film(path: Path, how: Filmed) -> Path:
    """Write the synthetic clip as an MP4 file."""
    rng = np.random.default_rng(0)
    ground = _texture(rng, how)
    grain = rng.normal(0, 3, (4, how.height, how.width, 1))
    with av.open(str(path), "w") as output:
        options = {"preset": PRESET, "g": str(how.group), "bf": str(how.b_frames)}
        stream = output.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = how.width, how.height, "yuv420p"
        for number in range(how.seconds * RATE):
            seen = ground[number : number + how.height, 2 * number : 2 * number + how.width]
            noisy = np.clip(seen + grain[number % len(grain)], 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(noisy, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def _texture(rng: np.random.Generator, how: Filmed) -> UInt8[np.ndarray, "h w 3"]:
    """Blots of all sizes, larger than the picture by as much as it moves."""
    frames = how.seconds * RATE
    height, width = how.height + frames, how.width + 2 * frames
    ground = np.zeros((height, width, 3), np.float32)
    for size in (8, 32, 128):
        blots = rng.normal(0, 1, (height // size + 2, width // size + 2, 3)).astype(np.float32)
        ground += cv2.resize(blots, (width, height), interpolation=cv2.INTER_CUBIC)
    low, high = ground.min(), ground.max()
    return ((ground - low) * 255 / (high - low)).astype(np.uint8)


SAMPLES = 8
LONG = {
    # name: seconds of 720p, and how they are coded
    "read, groups of 12": Filmed(group=12),
    "read, groups of 30": Filmed(group=30),
    "read, groups of 30, no B-frames": Filmed(group=30, b_frames=0),
    "read, groups of 250": Filmed(group=250),
}
SHORT = {
    "read, groups of 12 (short)": Filmed(seconds=4, width=640, height=360, group=12),
    "read, groups of 250 (short)": Filmed(seconds=4, width=640, height=360, group=250),
}
READING_TARGET = 1.05


def reading(short: bool) -> Iterator[Row]:
    """Eight frames of a file, over PyAV's sequential decoding of it.

    Args:
        short: four seconds of 360p instead of ten of 720p.
    """
    with tempfile.TemporaryDirectory(prefix="maagn-bench-") as folder:
        for name, how in (SHORT if short else LONG).items():
            path = film(Path(folder) / "clip.mp4", how)
            taken = interleaved(
                {
                    "read_clip": partial(read_clip, path, samplings=[SamplingSpec(SAMPLES)]),
                    "PyAV, sequential": partial(sequential, path),
                },
                rounds=5,
            )
            yield row(
                name,
                f"8 frames of {how.seconds} s of {how.height}p in H.264, groups of {how.group} "
                f"with {how.b_frames} B-frames / PyAV decoding all of it",
                taken,
                over=("read_clip", "PyAV, sequential"),
                target=READING_TARGET,
            )


def sequential(path: Path) -> np.ndarray:
    """PyAV's own loop: every frame decoded, the middles of eight equal parts kept."""
    with av.open(str(path)) as container:
        count = sum(packet.size > 0 for packet in container.demux(video=0))
    wanted = {(2 * i + 1) * count // (2 * SAMPLES) for i in range(SAMPLES)}
    with av.open(str(path)) as container:
        frames = enumerate(container.decode(video=0))
        return np.stack([f.to_ndarray(format="rgb24") for place, f in frames if place in wanted])


HOW = Filmed(seconds=4, width=320, height=240)  # as the clips of Something-Something are
EVALUATION_TARGET = 0.9
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
        rows = PredictionRows(plan, [model])
        seen = [rows.prepare(video) for video in videos.videos]
        (pictures,) = zip(*(one.values() for one in seen), strict=True)
        ready = normalise(np.concatenate([one for one, _ in pictures]), model.transform)
        turns = iter(range(1000))

        def evaluated() -> None:
            run(Path(folder) / f"run-{next(turns)}", plan, videos, rows)

        def bare() -> None:
            with torch.inference_mode():
                for start in range(0, clips, batch):
                    model.network(ready[start : start + batch])

        def decoded() -> None:
            for video in videos.videos:
                rows.prepare(video)

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
        target=EVALUATION_TARGET,
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
