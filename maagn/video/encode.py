"""Frames into H.264 that browsers play, and can be stopped at any frame."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.packet import Packet
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream
from jaxtyping import Float64, Int64, UInt8

from maagn.io import atomic_write

TIME_BASE = Fraction(1, 90_000)  # 24, 25, 30 and 29.97 frames a second are whole ticks
SINGLE_FRAME_SECONDS = 1.0
ENCODER = {
    "preset": "veryfast",
    "crf": "18",  # no loss that an eye sees
    "profile": "high",
}

MOVING_CRF = "24"
"""Of a film that is looked at while it moves."""


def write_mp4(
    path: str | Path,
    frames: Iterable[UInt8[np.ndarray, "h w 3"]],
    *,
    seconds: Float64[np.ndarray, " t"],
    keyframe_every: int = 1,
    most_bytes: int | None = None,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write an MP4 (H.264 High, yuv420p, BT.709) whose index comes first.

    Written beside its place and moved there when whole; nothing is left after a failure.

    Args:
        path: where; a file there is replaced.
        frames: RGB in [0, 255], of one size, as many as `seconds`; taken one by one, so that they
            need not be in memory together. Odd sizes gain a copy of their last row or column.
        seconds: presentation times, strictly increasing; the file's own begin at zero. The last
            frame lasts the median gap, a single one a second.
        keyframe_every: 1 makes every frame a key frame, so that browsers can show any at once;
            more makes a smaller file.
        most_bytes: about as many as the file may have: for a film that is looked at while it moves,
            coarser than the files that are kept. None for no bound.
        metadata: kept in the file; MP4 has a place for `title`, `comment` and a few others.

    Raises:
        ValueError: no frames, not as many as times, or times that do not increase by a tick of
            1/90000 s.
    """
    path = Path(path)
    ticks = _ticks(seconds)
    faststart = {"movflags": "+faststart"}
    with (
        atomic_write(path) as part,
        av.open(str(part), "w", format="mp4", options=faststart) as container,
    ):
        container.metadata.update(metadata or {})
        _encode(container, iter(frames), ticks, keyframe_every, most_bytes)


def _ticks(seconds: Float64[np.ndarray, " t"]) -> Int64[np.ndarray, " t_and_end"]:
    """When each frame begins, and when the last one ends."""
    if not len(seconds):
        raise ValueError("write_mp4 needs at least one frame, got none")
    starts = np.rint((seconds - seconds[0]) / float(TIME_BASE)).astype(np.int64)
    gaps = np.diff(starts)
    if np.any(gaps <= 0):
        raise ValueError(f"seconds must increase by 1/90000 s or more, got {seconds}")
    last = np.rint(np.median(gaps)) if gaps.size else SINGLE_FRAME_SECONDS / float(TIME_BASE)
    return np.append(starts, starts[-1] + np.int64(last))


def _encode(
    container: OutputContainer,
    frames: Iterator[UInt8[np.ndarray, "h w 3"]],
    ticks: Int64[np.ndarray, " t_and_end"],
    keyframe_every: int,
    most_bytes: int | None,
) -> None:
    first = next(frames)
    height, width = (side + side % 2 for side in first.shape[:2])  # yuv420p halves both
    mean_rate = Fraction((len(ticks) - 1) * TIME_BASE.denominator, int(ticks[-1]))
    rate = mean_rate.limit_denominator(1001)
    options = ENCODER | {"x264-params": f"keyint={keyframe_every}:scenecut=0"}
    if most_bytes is not None:
        options |= _bounded(most_bytes, seconds=float(ticks[-1] * TIME_BASE))
    stream = container.add_stream("libx264", rate=rate, options=options)
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base = stream.time_base = TIME_BASE
    context.color_primaries = context.color_trc = context.colorspace = 1  # BT.709 in all three
    context.color_range = ColorRange.MPEG
    durations: dict[int | None, int] = {int(a): int(b - a) for a, b in pairwise(ticks)}
    for tick, pixels in zip(ticks[:-1], chain([first], frames), strict=True):
        frame = _yuv(pixels, width=width, height=height)
        frame.pts, frame.time_base = int(tick), TIME_BASE
        _mux(container, stream.encode(frame), durations)
    _mux(container, stream.encode(None), durations)


def _bounded(most_bytes: int, *, seconds: float) -> dict[str, str]:
    """Options of the encoder for a rate that the bytes allow."""
    rate = int(8 * most_bytes / seconds)
    return {"crf": MOVING_CRF, "maxrate": str(rate), "bufsize": str(rate)}


def _yuv(pixels: UInt8[np.ndarray, "h w 3"], *, width: int, height: int) -> av.VideoFrame:
    """A frame as the encoder wants it, padded to even sides."""
    padding = ((0, height - pixels.shape[0]), (0, width - pixels.shape[1]), (0, 0))
    padded = np.ascontiguousarray(np.pad(pixels, padding, mode="edge"))
    return av.VideoFrame.from_ndarray(padded, format="rgb24").reformat(
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        dst_color_range=ColorRange.MPEG,
        dst_color_trc=ColorTrc.BT709,
        dst_color_primaries=ColorPrimaries.BT709,
    )


def _mux(
    container: OutputContainer,
    packets: list["Packet[VideoStream]"],
    durations: dict[int | None, int],
) -> None:
    for packet in packets:
        packet.duration = durations[packet.pts]  # the encoder gives every frame the mean
        container.mux(packet)
