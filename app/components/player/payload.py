"""A view as the JSON that travels to the browser: under 1.5 MB, whatever its frames show."""

import base64
import hashlib
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8

from app.components.player.view import Arrows, Overlay, PlayerView, Series, TimeChart
from maagn.cache import BoundedCache
from maagn.figures.palette import CIVIDIS, colour

Json = dict[str, Any]

STILLS_BYTES = 900_000
"""Of all frames together, as JPEG."""

_LADDER = ((92, 1.0), (85, 1.0), (75, 1.0), (75, 0.7), (70, 0.5), (60, 0.3), (50, 0.2))
"""Quality, and size as a share of the frame's: the first whose frames are few enough bytes is sent.

The first is high enough that its marks are not mistaken for what the network saw; the last keeps
the dearest picture there is, noise of `MAX_SIDE` on both sides, within the bytes.
"""


def to_json(view: PlayerView, *, key: str, linked: bool = False, film: str = "") -> Json:
    """Everything the browser needs, in JSON types alone.

    Args:
        view: what to draw.
        key: names the player in the page, so that it keeps its moment when new data arrives.
        linked: whether the page's address follows the player's moment.
        film: address of the film of every frame; empty while there is none.
    """
    crop = view.seen
    return {
        "key": key,
        "title": view.title,
        "moment": view.moment,
        "opening": view.opening,
        "why": view.why,
        "linked": linked,
        "note": view.note,
        "seconds": _numbers(view.seconds),
        "positions": [int(position) for position in view.positions],
        "duration": float(view.duration),
        "height": view.frames.shape[1],
        "width": view.frames.shape[2],
        "crop": [float(f"{v:.6g}") for v in (crop.left, crop.top, crop.width, crop.height)],
        "frames": stills(view.frames),
        "film": film,
        "filmed": view.film is not None,
        "arrows": view.arrows and _arrows(view.arrows),
        "overlays": [_overlay(overlay) for overlay in view.overlays],
        "charts": [_chart(chart) for chart in view.charts],
        "rails": [
            {"label": rail.label, "seconds": _numbers(rail.seconds), "names": list(rail.names)}
            for rail in view.rails
        ],
        "badges": list(view.badges),
        "backwards": view.backwards,
        "ramp": _base64(CIVIDIS),
    }


def quantise(
    maps: Float32[np.ndarray, "n rows columns"],
) -> tuple[UInt8[np.ndarray, "n rows columns"], Float32[np.ndarray, " n"]]:
    """Levels 0 to 255 of each map, and the raw value of its level 255.

    Each map is measured against its own peak, so a faint frame keeps as many levels as a strong
    one: `levels * peak / 255` is off by no more than `peak / 510`.
    """
    peaks = maps.max(axis=(1, 2))
    divisors = np.where(peaks > 0, peaks, 1)[:, None, None]
    return np.rint(maps.astype(np.float64) * 255 / divisors).astype(np.uint8), peaks


def _overlay(overlay: Overlay) -> Json:
    levels, peaks = quantise(overlay.maps)
    return {
        "name": overlay.name,
        "colour": colour(overlay.colour),
        "headline": overlay.headline,
        "seconds": _numbers(overlay.map_seconds),
        "rows": overlay.maps.shape[1],
        "columns": overlay.maps.shape[2],
        "levels": _base64(levels),
        "peaks": [float(peak) for peak in peaks],
        "scale": float(overlay.scale_max),
        "empty": overlay.empty,
    }


def _chart(chart: TimeChart) -> Json:
    return {
        "title": chart.title,
        "unit": chart.unit,
        "low": float(chart.low),
        "high": float(chart.high),
        "group": chart.group,
        "series": [_series(one) for one in chart.series],
    }


def _series(one: Series) -> Json:
    return {
        "label": one.label,
        "colour": colour(one.colour),
        "mark": one.mark,
        "seconds": _numbers(one.seconds),
        "values": _numbers(one.values),
        "band": one.band and [_numbers(edge) for edge in one.band],
        "faint": one.faint,
    }


def _numbers(values: Float[np.ndarray, " n"]) -> list[float]:
    """The numbers rounded to six significant digits, about float32's precision."""
    return [float(f"{value:.6g}") for value in values]


def _arrows(arrows: Arrows) -> Json:
    """Flow in 127ths of the fastest, as signed bytes."""
    _, rows, columns, _ = arrows.flow.shape
    levels = np.rint(arrows.flow * (127 / (arrows.fastest or 1))).astype(np.int8)
    return {
        "rows": rows,
        "columns": columns,
        "levels": _base64(levels.view(np.uint8)),
        "fastest": arrows.fastest,
        "unit": arrows.unit,
    }


_STILLS: BoundedCache[list[str]] = BoundedCache(30_000_000, lambda stills: sum(map(len, stills)))


def stills(frames: UInt8[np.ndarray, "t h w 3"]) -> list[str]:
    """The frames as base64 JPEG, as fine as `STILLS_BYTES` allow; those of a clip are coded once.

    Every page about a clip shows the same ones, and to look whether they are takes less time.
    """
    digest = hashlib.sha256(np.ascontiguousarray(frames).data).digest()
    return _STILLS.get((frames.shape, digest), lambda: _coded(frames))


def _coded(frames: UInt8[np.ndarray, "t h w 3"]) -> list[str]:
    middle = frames[len(frames) // 2 :][:1]  # tells which steps need not be tried with all
    coded: list[bytes] = []
    for quality, scale in _LADDER:
        if len(frames) * len(_jpegs(middle, quality, scale)[0]) > STILLS_BYTES:
            continue
        coded = _jpegs(frames, quality, scale)
        if sum(map(len, coded)) <= STILLS_BYTES:
            break
    coded = coded or _jpegs(frames, *_LADDER[-1])
    return [base64.b64encode(still).decode("ascii") for still in coded]


def _jpegs(frames: UInt8[np.ndarray, "t h w 3"], quality: int, scale: float) -> list[bytes]:
    """Frames as JPEG; the finest with full colour resolution."""
    fine = quality == _LADDER[0][0]
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444 if fine else cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    ]
    stills = []
    for frame in frames:
        small = frame
        if scale < 1:
            small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        bgr = cv2.cvtColor(np.ascontiguousarray(small), cv2.COLOR_RGB2BGR)
        written, jpeg = cv2.imencode(".jpg", bgr, options)
        if not written:
            raise RuntimeError("a frame could not be written as JPEG")
        stills.append(jpeg.tobytes())
    return stills


def _base64(values: UInt8[np.ndarray, "..."]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")
