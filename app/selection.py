"""What a visitor has chosen: one clip, one class, one path, one way of drawing maps."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from maagn.labels import NO_PAIRS, ClassPairs
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.split import Split
from maagn.section import Section

_RENDERED = re.compile(r"(test|val)-(\d{1,3})-(\d{1,5})")


@dataclass(frozen=True)
class ClipChoice:
    """A clip that can be opened.

    Attributes:
        path: the file; never shown. None for a clip that is rendered when it is opened.
        name: what people read.
        label: the true class, where it is known.
        stamp: modification time and size: the file's content may change under its name.
        link: what stands for it in an address; None for a visitor's own files.
        drawn: class and index of a rendered clip of the benchmark.
        split: of the benchmark, that a rendered clip belongs to.
        root: the folder of the data set, which the file must not lead out of; None of other files.
        pairs: what a person gave for the data set, for networks without pairs of their own.
        pictures: template of a folder's frames, where its data set has one.
        section: which part of a film networks see; None for a clip as a whole.
    """

    path: Path | None
    name: str
    label: str | None = None
    stamp: tuple[int, int] = (0, 0)
    link: str | None = None
    drawn: tuple[int, int] | None = None
    root: Path | None = None
    pairs: ClassPairs = NO_PAIRS
    pictures: str | None = None
    split: Split = "test"
    section: Section | None = None

    @classmethod
    def of(
        cls,
        path: Path,
        *,
        name: str | None = None,
        label: str | None = None,
        link: str | None = None,
        root: Path | None = None,
        pictures: str | None = None,
    ) -> "ClipChoice":
        """The choice of a video file; the file is not opened and need not exist."""
        stamp = (0, 0)
        if path.exists():
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
        return cls(path, name or path.name, label, stamp, link, root=root, pictures=pictures)

    @property
    def whole(self) -> "ClipChoice":
        """The same clip without its section."""
        return replace(self, section=None)

    @classmethod
    def of_test(cls, label: int, index: int, *, split: Split = "test") -> "ClipChoice":
        """A clip that the rendered benchmark tests or validates with, by class and index.

        Raises:
            ValueError: no such class, or a negative index.
        """
        if not 0 <= label < len(OPPOSITES_LABELS) or index < 0:
            raise ValueError(f"the benchmark has no clip {index} of class {label}")
        text = OPPOSITES_LABELS[label]
        name = f"{text}, {split} clip {index}"
        link = f"{split}-{label}-{index}"
        return cls(None, name, text, link=link, drawn=(label, index), split=split)

    @classmethod
    def of_link(cls, text: str | None) -> "ClipChoice | None":
        """The rendered clip that a link names; None for any other text."""
        match = _RENDERED.fullmatch(text or "")
        if match is None:
            return None
        try:
            split: Split = "val" if match[1] == "val" else "test"
            return cls.of_test(int(match[2]), int(match[3]), split=split)
        except ValueError:
            return None


@dataclass(frozen=True)
class Question:
    """What is asked of the models: hashable, so that an answer is kept for the next who asks.

    Attributes:
        clip: about which clip.
        models: of which models, in the order of the page.
        target: class to explain; None takes the first model's own answer.
        method: CAM method.
        layer: layer of the maps, one of the first model's.
        digests: of the models' files: others under the same names are asked anew.
    """

    clip: ClipChoice
    models: tuple[str, ...]
    target: str | None
    method: str
    layer: str
    digests: tuple[str, ...] = ()


@dataclass(frozen=True)
class Selection:
    """What all pages share.

    Attributes:
        question: clip, models, class and maps.
        path: number of MAAGN's path that is looked at, shallow first.
        moment: the sampled frame that a link opens at, from 0; None where it names none.
        run: title of the run whose figures pages show; None takes the best for the networks.
    """

    question: Question
    path: int = 0
    moment: int | None = None
    run: str | None = None

    @property
    def clip(self) -> ClipChoice:
        """The clip that the page is about."""
        return self.question.clip
