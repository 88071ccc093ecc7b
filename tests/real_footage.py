"""What the demonstration networks make of filmed clips: `python -m tests.real_footage FOLDER`.

In `cars.mp4` (intel-iot-devkit/sample-videos, CC-BY 4.0) one car drives up the frame in frames 54
to 109, and one down in frames 313 to 347.
"""

import sys
from pathlib import Path

import av
import numpy as np

from maagn.checkpoint import load_model
from maagn.inference import predict
from maagn.labels import opposite_of
from maagn.types import Clip
from maagn.video.transform import from_frames

NAMES = ("maagn-demo", "tpn-demo", "tsm-demo", "tsn-demo")
CARS = ((54, 109, "Moving something up"), (313, 347, "Moving something down"))
SAMPLES = 8


def stretch(path: Path, first: int, last: int) -> Clip:
    """Frames in the middles of equal segments of that stretch of a file."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    edges = np.linspace(first, last + 1, SAMPLES + 1)
    picked = ((edges[:-1] + edges[1:]) / 2).astype(int)
    return from_frames(np.stack([frames[i] for i in picked]), seconds=picked / 12.5)


def main(folder: Path) -> None:
    """One line a stretch and network."""
    print("| frames | truth | network | share of the true class of both | prediction |")
    print("|---|---|---|---|---|")
    for first, last, truth in CARS:
        clip = stretch(folder / "cars.mp4", first, last)
        other = opposite_of(truth)
        for name in NAMES:
            answer = predict(load_model(name), clip)
            chances = dict(answer.top(34))
            share = chances[truth] / (chances[truth] + chances[other])
            best, chance = answer.top(1)[0]
            print(f"| {first}-{last} | {truth} | {name} | {share:.0%} | {best} ({chance:.0%}) |")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
