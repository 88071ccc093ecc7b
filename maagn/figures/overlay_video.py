"""The clip with a network's map over it as a film: every frame, at the clip's own times."""

from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Float64, Int64, UInt8

from maagn.explain.moments import between
from maagn.explain.report import Report
from maagn.figures.filmstrip import INK, QUIET, Band, answer, subject
from maagn.figures.heat import heated, on_grey, top_of_scale
from maagn.figures.printing import wrapped
from maagn.types import Clip, Crop
from maagn.video.encode import write_mp4

LEAST, MOST = 480, 720
"""Pixels of a picture's height: smaller ones are enlarged, larger ones made smaller."""

KEYFRAME_EVERY = 12
"""Of a film of all frames; one of the sampled frames alone has nothing but key frames."""

_NARROWEST = 640  # pixels, for the words
_EDGE = 12
_SIZES = (22, 17)  # of the title's letters and the others, pixels
_LINE = 1.35
_BAR = (240, 14)


def picture_height(clip: Clip) -> int:
    """Pixels of a picture's height in the film."""
    height = min(max(clip.frames.shape[1], LEAST), MOST)
    return height - height % 2


def write_overlay(
    path: str | Path,
    report: Report,
    pictures: Iterable[UInt8[np.ndarray, "h w 3"]] | None = None,
    *,
    truth: str | None = None,
    step: Callable[[float], None] = lambda _: None,
) -> None:
    """Write the film as MP4: title, clip under its map, time, and the scale of the colours.

    Between two frames that the network saw, the map is mixed from theirs (`between`), raw; what
    speaks against the class is cut off after that. The scale is the clip's, full at the map's
    largest value.

    Args:
        path: where; a file there is replaced.
        report: of one network.
        pictures: every frame of the source in its order, RGB, `picture_height` high; taken one by
            one. None for those alone that the network saw.
        truth: the true class, where it is known.
        step: is told the part that is done, in (0, 1], with every frame.

    Raises:
        ValueError: there are not as many pictures as the clip has frames.
    """
    inputs, clip = report.inputs, report.clip
    if pictures is None:
        places = np.searchsorted(clip.indices, inputs.positions)
        height = picture_height(clip)
        shown: Iterator[np.ndarray] = (_high(clip.frames[place], height) for place in places)
        positions, seconds, every = inputs.positions, inputs.seconds, 1
    else:
        shown = iter(pictures)
        seconds, every = clip.source_seconds, KEYFRAME_EVERY
        positions = np.arange(len(seconds), dtype=np.int64)
    film = _Film(report, truth)
    frames = film.frames(shown, positions, seconds, step)
    metadata = {"title": answer(report), "comment": _about(report, truth)}
    try:
        write_mp4(path, frames, seconds=seconds, keyframe_every=every, metadata=metadata)
    finally:
        if isinstance(pictures, Generator):
            pictures.close()  # the process that decodes ends with it


def _about(report: Report, truth: str | None) -> str:
    """What the file says of itself."""
    parts = {
        "clip": report.clip.title,
        "true class": truth,
        "map": subject(report),
        "layer": report.cam.name,
        "checkpoint": report.model.name,
        "SHA-256": report.model.digest,
    }
    return "; ".join(f"{name}: {value}" for name, value in parts.items() if value)


class _Film:
    def __init__(self, report: Report, truth: str | None) -> None:
        self.report = report
        self.scale = top_of_scale(report.cam.values)
        self.lines = [
            f"{report.clip.title}" + (f" · true class: {truth}" if truth else ""),
            subject(report),
            f"model {report.model.name}, SHA-256 {report.model.digest[:12]}…",
        ]

    def frames(
        self,
        pictures: Iterator[UInt8[np.ndarray, "h w 3"]],
        positions: Int64[np.ndarray, " t"],
        seconds: Float64[np.ndarray, " t"],
        step: Callable[[float], None],
    ) -> Iterator[UInt8[np.ndarray, "h w 3"]]:
        """The film's pictures, each between its title and its scale."""
        cam, inputs = self.report.cam, self.report.inputs
        title = sides = None
        total = len(self.report.clip.source_seconds)
        count = len(seconds)
        numbered = zip(positions.tolist(), seconds.tolist(), strict=True)
        for index, ((position, second), picture) in enumerate(
            zip(numbered, pictures, strict=True), start=1
        ):
            width = max(picture.shape[1] + picture.shape[1] % 2, _NARROWEST)
            if title is None or sides is None:
                title, sides = self._title(width), _sides(picture, width)
            here = between(cam.values, cam.seconds, at=second)
            hot = self._heated(picture, here)
            sampled = bool(np.any(inputs.positions == position))
            words = f"{second:.2f} s · frame {position} of {total}, counted from 0"
            held = not cam.seconds[0] <= second <= cam.seconds[-1]
            told = "□ nearest map" if held else "□ map mixed in time"
            foot = self._foot(width, words, "■ seen by the network" if sampled else told)
            left, right = sides
            row = np.concatenate([left, hot, right], axis=1)
            yield np.concatenate([title, row, foot])
            step(index / count)

    def _heated(
        self, picture: UInt8[np.ndarray, "h w 3"], values: np.ndarray
    ) -> UInt8[np.ndarray, "h w 3"]:
        """The map over the part that the network sees, which is framed where it is not all."""
        shape = self.report.clip.frames.shape[1:3]
        top, bottom, left, right = _edges(self.report.inputs.crop, shape, picture.shape[:2])
        film = picture.copy()
        film[top:bottom, left:right] = heated(
            picture[top:bottom, left:right], values, scale=self.scale
        )
        if (bottom - top, right - left) != picture.shape[:2]:
            for shade, thick in ((0, 3), (255, 1)):
                ends = (left, top), (right - 1, bottom - 1)
                cv2.rectangle(film, *ends, (shade, shade, shade), thick)
        return film

    def _title(self, width: int) -> UInt8[np.ndarray, "h w 3"]:
        """What is shown, in whole sentences."""
        room = width - 2 * _EDGE
        texts = [(answer(self.report), _SIZES[0], True)]
        texts += [(line, _SIZES[1], False) for line in self.lines]
        lines = [
            (line, size, bold)
            for text, size, bold in texts
            for line in wrapped(text, room=room, size=size, bold=bold).split("\n")
        ]
        height = _EDGE + sum(round(size * _LINE) for _, size, _ in lines) + _EDGE // 2
        band = Band(width, height + height % 2)
        y = _EDGE
        for line, size, bold in lines:
            ink = INK if bold else QUIET
            band.write(line, at=(_EDGE, y), size=size, bold=bold, colour=ink, anchor="lt")
            y += round(size * _LINE)
        return band.pixels

    def _foot(self, width: int, words: str, told: str) -> UInt8[np.ndarray, "h w 3"]:
        """The time, the colours with their ends, and what the frame in the picture is."""
        band = Band(width, 78)
        size = _SIZES[1]
        band.write(words, at=(_EDGE, 10), size=size, anchor="lt")
        band.write(told, at=(width - _EDGE, 10), size=size, colour=QUIET, anchor="rt")
        if self.scale == 0:
            nothing = f"No value is over 0: nothing speaks for {self.report.label}."
            band.write(nothing, at=(_EDGE, 44), size=size, anchor="lt", room=width - 2 * _EDGE)
            return band.pixels
        long, high = _BAR
        strength = np.linspace(0, 1, long, dtype=np.float32)
        ramp = on_grey(strength)
        band.write("0", at=(_EDGE, 44), size=size, anchor="lt")
        band.paste(np.broadcast_to(ramp, (high, long, 3)).copy(), at=(_EDGE + 20, 44))
        end = f"{self.scale:.3g} {self.report.cam.unit}".strip()
        x = _EDGE + 28 + long
        band.write(end, at=(x, 44), size=size, anchor="lt")
        framed = "framed: what it sees"
        at = (width - _EDGE, 44)
        band.write(framed, at=at, size=size, colour=QUIET, anchor="rt")
        return band.pixels


def _sides(
    picture: UInt8[np.ndarray, "h w 3"], width: int
) -> tuple[UInt8[np.ndarray, "h l 3"], UInt8[np.ndarray, "h r 3"]]:
    """White at both sides of a picture that is narrower than its words."""
    height, own = picture.shape[:2]
    left = (width - own) // 2
    white = np.full((height, width - own, 3), 255, np.uint8)
    return white[:, :left], white[:, left:]


def _edges(
    crop: Crop, source: tuple[int, int], picture: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Top, bottom, left and right of the part that the network sees, in the picture's pixels."""
    down, across = picture[0] / source[0], picture[1] / source[1]
    top, left = round(crop.top * down), round(crop.left * across)
    bottom = min(picture[0], round((crop.top + crop.height) * down))
    right = min(picture[1], round((crop.left + crop.width) * across))
    return top, bottom, left, right


def _high(frame: UInt8[np.ndarray, "h w 3"], height: int) -> UInt8[np.ndarray, "{height} _ 3"]:
    size = (round(frame.shape[1] * height / frame.shape[0]), height)
    return cv2.resize(frame, size, interpolation=cv2.INTER_CUBIC)
