"""How long a clip takes to be read, by both readers in their processes, beside PyAV alone.

Beside it stands what people write first: PyAV with its own settings decodes the file from beginning
to end in this process, and keeps eight frames as RGB.
"""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import av
import numpy as np

from maagn.bench.filmed import Filmed, film
from maagn.bench.interleaved import interleaved
from maagn.bench.row import Row, row
from maagn.config import SamplingSpec
from maagn.video.read import read_clip

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
TARGET = 0.5


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
                f"with {how.b_frames} B-frames, by both readers / PyAV decoding all of it",
                taken,
                over=("read_clip", "PyAV, sequential"),
                target=TARGET,
            )


def sequential(path: Path) -> np.ndarray:
    """PyAV's own loop: every frame decoded, the middles of eight equal parts kept."""
    with av.open(str(path)) as container:
        count = sum(packet.size > 0 for packet in container.demux(video=0))
    wanted = {(2 * i + 1) * count // (2 * SAMPLES) for i in range(SAMPLES)}
    with av.open(str(path)) as container:
        frames = enumerate(container.decode(video=0))
        return np.stack([f.to_ndarray(format="rgb24") for place, f in frames if place in wanted])
