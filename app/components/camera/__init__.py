"""The browser's camera as a component: short recordings come out, each one once.

Nothing leaves the browser before a person keeps a recording, and then it goes to this server alone.
"""

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from app import session
from app.errors import UploadError

__all__ = ["MOST_BYTES", "MOST_SECONDS", "Recording", "show_camera"]

MOST_BYTES = 8_000_000
MOST_SECONDS = 20.0
"""At the 2.5 million bits a second that browsers are asked for, 6.3 MB; they may give more."""

_FOLDER = Path(__file__).parent
_EBML = b"\x1a\x45\xdf\xa3"  # RFC 8794: what Matroska and WebM begin with
_mount = st.components.v2.component(
    "maagn_camera",
    html=(_FOLDER / "camera.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "camera.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "camera.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Recording:
    """A clip from a visitor's camera, not mirrored and without sound.

    Attributes:
        content: a file of WebM or MP4, as the browser wrote it; at most `MOST_BYTES`.
        name: e.g. `recording-1.webm`; no other recording of the visit has the number.
    """

    content: bytes
    name: str


def show_camera(*, key: str, label: str, seconds: float = 3.0) -> Recording | None:
    """Draw the camera and give what was kept, each recording in one run of the script.

    It stays open while runs pass, also where its label changes. It cannot stand in a form.

    Args:
        key: unique on the page.
        label: what is to be recorded, e.g. `Opening a box`.
        seconds: of a recording; above 0, at most `MOST_SECONDS`.

    Raises:
        UploadError: what came from the browser is no whole recording.
        ValueError: `seconds` is out of range.
    """
    if not 0 < seconds <= MOST_SECONDS:
        raise ValueError(f"a recording has up to {MOST_SECONDS:g} s, got {seconds:g}")
    _mount(
        data={"label": label, "seconds": seconds},
        key=key,
        on_kept_change=lambda: session.put_recording(key),
    )
    taken = session.take_recording(key)
    return None if taken is None else _recording(*taken)


def _recording(number: int, sent: object) -> Recording:
    """What the browser sent, checked: anybody can send anything.

    Raises:
        UploadError: it is damaged, too large, or not a video.
    """
    if isinstance(sent, str) and len(sent) > 4 * -(-MOST_BYTES // 3):
        raise UploadError(
            f"The recording is over {MOST_BYTES / 1e6:.0f} MB: record a shorter one, "
            "or with a smaller picture."
        )
    try:
        content = base64.b64decode(str(sent), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if content.startswith(_EBML):
        return Recording(content, f"recording-{number}.webm")
    if content[4:8] == b"ftyp":
        return Recording(content, f"recording-{number}.mp4")
    raise UploadError("The recording did not arrive as a whole video: record it again.")
