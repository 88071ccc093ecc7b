"""A film in a row of pictures with two handles, as a component: the section between them comes out.

Beneath the pictures is how much moves, and where cuts are. Python hears of a section once its
handle is let go.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import streamlit as st
from jaxtyping import UInt8

from app import session
from maagn.section import Section
from maagn.video.overview import Overview

__all__ = ["HEIGHT", "Strip", "show_strip"]

HEIGHT = 138
"""Pixels of the component on a wide page, to hold its place while the film is looked through."""

_PICTURES, _JPEG_QUALITY = 48, 80  # more pictures than that do not fit beside each other
_POINTS = 600  # of the curve: about one for each two pixels
_FOLDER = Path(__file__).parent
_mount = st.components.v2.component(
    "maagn_filmstrip",
    html='<div class="strip"></div>',
    css=(_FOLDER / "filmstrip.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "filmstrip.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, eq=False)
class Strip:
    """What is drawn.

    Attributes:
        film: tells the film from others.
        overview: its pictures, how much moves in it, and its cuts.
        section: between the handles.
        shortest: seconds that a section has at least.
        needed: in words, why: `8 frames`.
    """

    film: str
    overview: Overview
    section: Section
    shortest: float
    needed: str


def show_strip(strip: Strip, *, key: str, on_change: Callable[[Section], None]) -> None:
    """Draw the film, and give the section that a visitor chose before the next run begins.

    Args:
        strip: what to draw.
        key: unique on the page.
        on_change: called with the section that was chosen.
    """

    def chosen() -> None:
        section = session.section_of_strip(key)
        if section is not None:
            on_change(section)

    _mount(data=to_json(strip), key=key, on_section_change=chosen)


def to_json(strip: Strip) -> dict[str, Any]:
    """Everything the browser needs, in JSON types alone."""
    overview = strip.overview
    return {
        "film": strip.film,
        "length": overview.film_seconds,
        "frame": 1 / overview.frames_per_second,
        "start": strip.section.start,
        "end": strip.section.end,
        "shortest": strip.shortest,
        "needed": strip.needed,
        "pictures": _pictures(overview),
        "aspect": overview.thumbnails.shape[2] / overview.thumbnails.shape[1],
        "motion": _curve(overview),
        "cuts": [round(float(cut), 3) for cut in overview.cuts],
    }


def _pictures(overview: Overview) -> list[dict[str, Any]]:
    """Pictures that lie evenly over the film, as JPEG."""
    count = len(overview.thumbnails)
    kept = np.unique(np.linspace(0, count - 1, min(count, _PICTURES)).round().astype(int))
    return [
        {
            "seconds": round(float(overview.thumbnail_seconds[index]), 3),
            "source": _jpeg(overview.thumbnails[index]),
        }
        for index in kept
    ]


def _curve(overview: Overview) -> list[list[float]]:
    """Points of the curve of motion: seconds, and height in [0, 1]; peaks stay."""
    count = len(overview.motion)
    top = float(overview.motion.max()) or 1.0
    starts = np.unique(np.linspace(0, count, min(count, _POINTS), endpoint=False).astype(int))
    heights = np.maximum.reduceat(overview.motion, starts) / top
    return [
        [round(float(overview.motion_seconds[start]), 3), round(float(height), 4)]
        for start, height in zip(starts, heights, strict=True)
    ]


def _jpeg(picture: UInt8[np.ndarray, "h w 3"]) -> str:
    options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    written, content = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), options)
    if not written:
        raise RuntimeError("a picture could not be written as JPEG")
    return f"data:image/jpeg;base64,{base64.b64encode(content.tobytes()).decode('ascii')}"
