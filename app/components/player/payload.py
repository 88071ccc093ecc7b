"""A view as the JSON that travels to the browser: under 1.5 MB for 8 frames and three networks."""

import base64
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float, Float32, UInt8

from app.components.player.view import Overlay, PlayerView, Series, TimeChart
from maagn.figures.palette import CIVIDIS, colour

Json = dict[str, Any]

JPEG_QUALITY = 92
"""High enough that its marks are not mistaken for what the network saw."""


def to_json(view: PlayerView, *, key: str, linked: bool = False) -> Json:
    """Everything the browser needs, in JSON types alone.

    Args:
        view: what to draw.
        key: names the player in the page, so that it keeps its moment when new data arrives.
        linked: whether the page's address follows the player's moment.
    """
    return {
        "key": key,
        "title": view.title,
        "moment": view.moment,
        "linked": linked,
        "note": view.note,
        "seconds": _numbers(view.seconds),
        "positions": [int(position) for position in view.positions],
        "duration": float(view.duration),
        "height": view.frames.shape[1],
        "width": view.frames.shape[2],
        "frames": [_jpeg(frame) for frame in view.frames],
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


def _jpeg(frame: UInt8[np.ndarray, "h w 3"]) -> str:
    """A frame as base64 JPEG with full colour resolution."""
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        JPEG_QUALITY,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
    ]
    written, jpeg = cv2.imencode(".jpg", np.ascontiguousarray(frame[:, :, ::-1]), options)
    if not written:
        raise RuntimeError("a frame could not be written as JPEG")
    return _base64(jpeg)


def _base64(values: UInt8[np.ndarray, "..."]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")
