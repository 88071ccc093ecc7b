"""What a visitor has chosen: one clip, one class, one way of drawing maps."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ClipChoice:
    """A clip that can be opened.

    Attributes:
        path: the file; never shown.
        name: what people read.
        label: the true class, where it is known.
        stamp: modification time and size: the file's content may change under its name.
    """

    path: Path
    name: str
    label: str | None
    stamp: tuple[int, int]

    @classmethod
    def of(cls, path: Path, *, name: str | None = None, label: str | None = None) -> "ClipChoice":
        """The choice of a file, which need not exist."""
        stamp = (0, 0)
        if path.exists():
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
        return cls(path, name or path.name, label, stamp)


@dataclass(frozen=True)
class Question:
    """What is asked of the models: hashable, so that an answer is kept for the next who asks.

    Attributes:
        clip: about which clip.
        models: of which models, in the order of the page.
        target: class to explain; None takes the first model's own answer.
        method: CAM method.
        layer: layer of the maps, one of the first model's.
    """

    clip: ClipChoice
    models: tuple[str, ...]
    target: str | None
    method: str
    layer: str
