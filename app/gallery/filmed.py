"""The small pictures of the filmed clips: `python -m app.gallery.filmed` makes them anew."""

import cv2
import numpy as np

from app.gallery.catalogue import FILMED, FOLDER
from maagn.checkpoint import FOLDER as CHECKPOINTS
from maagn.io import atomic_write
from maagn.video.read import read_clip

_HEIGHT, _WIDTH = 72, 96  # of each of the two frames
_QUALITY = 80


def main() -> None:
    """First and last frame of every clip, side by side."""
    for path in sorted((CHECKPOINTS / FILMED / "clips").glob("*/*.mp4")):
        frames = read_clip(path).frames
        both = [
            cv2.resize(frame, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
            for frame in (frames[0], frames[-1])
        ]
        picture = cv2.cvtColor(np.concatenate(both, axis=1), cv2.COLOR_RGB2BGR)
        written, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
        assert written
        with atomic_write(FOLDER / FILMED / f"{path.stem}.jpg") as part:
            part.write_bytes(content.tobytes())


if __name__ == "__main__":
    main()
