"""The small pictures of the filmed clips: `python -m app.gallery.filmed` makes them anew."""

from app.gallery.catalogue import FILMED, FOLDER
from maagn.checkpoint import folder_of
from maagn.io import atomic_write
from maagn.video.read import read_clip
from maagn.video.stills import first_and_last


def main() -> None:
    """First and last frame of every clip, side by side."""
    for path in sorted((folder_of(FILMED) / "clips").glob("*/*.mp4")):
        with atomic_write(FOLDER / FILMED / f"{path.stem}.jpg") as part:
            part.write_bytes(first_and_last(read_clip(path).frames))


if __name__ == "__main__":
    main()
