"""The benchmark to look at: a folder of small clips, and all classes on one picture."""

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from jaxtyping import UInt8

from maagn.opposites.clip import OPPOSITES_LABELS, OPPOSITES_PAIRS, OppositeClip, draw_clip
from maagn.opposites.factors import factors
from maagn.opposites.split import Split

_SPLIT: Split = "test"
_THUMBNAIL = 96


def write_gallery(
    folder: Path,
    *,
    per_class: int = 2,
    size: int = 512,
    frames: int = 28,
    fps: int = 12,
) -> list[dict[str, object]]:
    """Render test clips of every class into `folder` and list them in its `gallery.json`.

    They are rendered for people to look at: each from its beginning, and through a clear lens. What
    networks make of the lens's blur and noise is seen in the test split itself.

    Args:
        folder: made where it is missing; files of the same names are overwritten.
        per_class: clips of each class.
        size: side of the frames in pixels; even.
        frames: of each clip, evenly spaced over its whole time.
        fps: frames a second.

    Returns:
        One entry a clip: `file`, `thumbnail`, `label`, `opposite`, `split`, `index`, `factors`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries: list[dict[str, object]] = []
    for turn, number in _order(per_class):
        # The two members of a pair get different scenes, or a viewer would meet each one twice.
        index = turn * 2 + number % 2
        label = OPPOSITES_LABELS[number]
        clip = to_look_at(draw_clip(label, split=_SPLIT, index=index))
        name = f"{number:02d}-{label.lower().replace(' ', '-')}-{index}"
        pixels = clip.render(np.linspace(0, 1, frames), size=size)
        _write_mp4(folder / f"{name}.mp4", pixels, fps=fps)
        _write_thumbnail(folder / f"{name}.jpg", pixels)
        files = {"file": f"{name}.mp4", "thumbnail": f"{name}.jpg"}
        about = {"label": label, "opposite": clip.opposite, "split": _SPLIT, "index": index}
        entries.append({**files, **about, "factors": factors(clip)})
    (folder / "gallery.json").write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")
    return entries


def to_look_at(clip: OppositeClip) -> OppositeClip:
    """The same clip from its beginning and through a clear lens."""
    return replace(from_its_beginning(clip), lens=clip.lens.clear())


def from_its_beginning(clip: OppositeClip) -> OppositeClip:
    """The same clip, not entered in the middle: people expect an action to begin."""
    return replace(clip, pace=replace(clip.pace, entry=0.0))


def _order(per_class: int) -> Iterator[tuple[int, int]]:
    """Turn and class of every clip: opposites follow each other, a pair's turns are together."""
    for pair in range(0, len(OPPOSITES_LABELS), 2):
        for turn in range(per_class):
            yield turn, pair
            yield turn, pair + 1


def _write_thumbnail(path: Path, frames: UInt8[np.ndarray, "t h w 3"]) -> None:
    """The first and the last frame side by side: opposites differ in their order alone."""
    both = [cv2.resize(frames[i], (_THUMBNAIL,) * 2, interpolation=cv2.INTER_AREA) for i in (0, -1)]
    cv2.imwrite(str(path), np.concatenate(both, axis=1)[..., ::-1])


def _write_mp4(path: Path, frames: UInt8[np.ndarray, "t h w 3"], *, fps: int) -> None:
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        stream = container.add_stream(
            "libx264", rate=Fraction(fps), options={"crf": "26", "preset": "slow", "threads": "1"}
        )
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for picture in frames:
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


_FRAMES, _SIDE, _GAP, _HEAD = 5, 144, 10, 26
_INK, _PAPER = (34, 34, 34), 250


def write_sheet(path: Path) -> None:
    """One row per pair: the forward class on the left, its opposite on the right, of another scene.

    Args:
        path: of the picture, PNG or JPEG.
    """
    rows = [
        np.concatenate(
            [_strip(draw_clip(label, split=_SPLIT, index=side)) for side, label in enumerate(pair)],
            axis=1,
        )
        for pair in OPPOSITES_PAIRS
    ]
    sheet = np.concatenate(rows)[..., ::-1]
    if not cv2.imwrite(str(path), sheet, [cv2.IMWRITE_JPEG_QUALITY, 88]):
        raise OSError(f"cannot write {path}")


def _strip(clip: OppositeClip) -> UInt8[np.ndarray, "h w 3"]:
    """The class's name over frames that are evenly spaced over the whole action."""
    frames = from_its_beginning(clip).render(np.linspace(0, 1, _FRAMES), size=_SIDE)
    high, wide = _HEAD + _SIDE + _GAP, _FRAMES * _SIDE + 2 * _GAP
    strip = np.full((high, wide, 3), _PAPER, np.uint8)
    strip[_HEAD : _HEAD + _SIDE, _GAP:-_GAP] = np.concatenate(list(frames), axis=1)
    cv2.putText(
        strip, clip.label, (_GAP, _HEAD - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.52, _INK, 1, cv2.LINE_AA
    )
    return strip
