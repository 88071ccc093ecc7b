"""The rendered benchmark as WebM files, in the layout of Something-Something V2."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pandas as pd
from jaxtyping import UInt8

from maagn.data.layouts.names import ANSWERS, CLASSES, FILES, LABELS, VIDEOS, class_of
from maagn.opposites.clip import OPPOSITES_LABELS, OppositeClip, draw_clip
from maagn.opposites.factors import factors
from maagn.opposites.split import Split, number_of

# What stands for a thing in the class names; "one of many similar things" is part of none of ours.
_THING = re.compile(r"\bsomething\b", re.IGNORECASE)


@dataclass(frozen=True)
class Wording:
    """How the data set tells what is to be seen.

    Attributes:
        template: the class with its things in brackets.
        label: the template filled, in small letters.
        placeholders: what was filled in, in order.
    """

    template: str
    label: str
    placeholders: tuple[str, ...]


def word(name: str, things: tuple[str, ...]) -> Wording:
    """Fill a class name with things; where there are too few, "something" stays.

    Args:
        name: a class such as "Putting something into something".
        things: such as "red box", in the order of the name.
    """
    places = len(_THING.findall(name))
    filled = [*(with_article(thing) for thing in things[:places])]
    filled += ["something"] * (places - len(filled))
    rest = iter(filled)
    return Wording(
        template=_THING.sub(lambda found: f"[{found[0]}]", name),
        label=_THING.sub(lambda _: next(rest), name).lower(),
        placeholders=tuple(filled),
    )


def with_article(thing: str) -> str:
    """A thing as people speak of it: "a red box", "an orange mug"."""
    return f"{'an' if thing[:1].lower() in 'aeiou' else 'a'} {thing}"


_ENCODER = {"crf": "24", "b": "0", "deadline": "good", "cpu-used": "5"}


def write_webm(path: Path, frames: UInt8[np.ndarray, "t h w 3"], *, fps: int) -> None:
    """Write one WebM (VP9, yuv420p).

    Args:
        path: where; a file there is replaced.
        frames: RGB in [0, 255]; even sides.
        fps: frames a second.

    Raises:
        ValueError: a side is odd.
    """
    height, width = frames.shape[1:3]
    if height % 2 or width % 2:
        raise ValueError(f"VP9 in yuv420p needs even sides, got {width} x {height}")
    with av.open(str(path), "w", format="webm") as container:
        stream = container.add_stream("libvpx-vp9", rate=Fraction(fps), options=_ENCODER)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.thread_count = 1
        for picture in frames:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


FRAMES, FPS = 36, 12  # as long as many a clip of the data set
FACTORS = "factors.parquet"


def export_opposites(
    folder: Path,
    *,
    splits: Sequence[Split],
    per_class: int = 20,
    size: int = 240,
    classes: Sequence[int] = range(len(OPPOSITES_LABELS)),
    report: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Write the clips of some splits, their labels and `factors.parquet` into `folder`.

    Clip i of `maagn evaluate` is among them where `per_class` is large enough: the same index and
    class make the same scene.

    Args:
        folder: made where it is missing.
        splits: of the benchmark.
        per_class: clips of each class and split.
        size: side of the frames in pixels; even.
        classes: numbers of the classes to write; the label file names all.
        report: told the clips done and all clips.

    Returns:
        How many clips were written.

    Raises:
        ValueError: `size` is odd.
    """
    clips = [clip for split in splits for clip in _clips(split, per_class, classes)]
    for part in (LABELS, VIDEOS):
        (folder / part).mkdir(parents=True, exist_ok=True)
    rows = []
    for done, clip in enumerate(clips, start=1):
        rows.append({"id": identity(clip), **factors(clip)})
        pixels = clip.render(np.linspace(0, 1, FRAMES), size=size)
        write_webm(folder / VIDEOS / f"{identity(clip)}.webm", pixels, fps=FPS)
        report(done, len(clips))
    pd.DataFrame(rows).to_parquet(folder / FACTORS, compression="zstd", index=False)
    for split in splits:
        worded = [(str(row["id"]), _wording(row)) for row in rows if row["split"] == split]
        _write_labels(folder / LABELS, split, worded)
    return len(clips)


def identity(clip: OppositeClip) -> str:
    """A number that no two clips of the benchmark share, such as 20000003 for `val`."""
    turn = clip.index * len(OPPOSITES_LABELS) + OPPOSITES_LABELS.index(clip.label)
    return str((number_of(clip.split) + 1) * 10_000_000 + turn)


def _clips(split: Split, per_class: int, classes: Sequence[int]) -> Iterator[OppositeClip]:
    """As `OppositesDataset` numbers them: clip i is of class i modulo the number of classes."""
    for turn in range(per_class):
        for number in classes:
            index = turn * len(OPPOSITES_LABELS) + number
            yield draw_clip(number, split=split, index=index)


def _wording(row: Mapping[str, object]) -> Wording:
    colour, thing = str(row["colour"]), str(row["thing"])
    known = [part for part in (colour, thing) if part != "none"]
    return word(str(row["label"]), (" ".join(known),) if known else ())


def _write_labels(folder: Path, split: Split, clips: list[tuple[str, Wording]]) -> None:
    _write(folder / CLASSES, {name: str(i) for i, name in enumerate(OPPOSITES_LABELS)})
    if split == "test":
        _write(folder / FILES[split], [{"id": name} for name, _ in clips])
        answers = "".join(f"{name};{class_of(wording.template)}\n" for name, wording in clips)
        (folder / ANSWERS).write_text(answers, encoding="utf-8")
        return
    entries = [
        {
            "id": name,
            "label": wording.label,
            "template": wording.template,
            "placeholders": list(wording.placeholders),
        }
        for name, wording in clips
    ]
    _write(folder / FILES[split], entries)


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
