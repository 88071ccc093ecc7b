"""One small picture of each of many files, from one process: for browsing, not for networks.

The key frame at or before the middle, which is found without decoding what comes before it. Line
in: a JSON request; out: for each file its length (`LENGTH` of the protocol) and a JPEG; a length
of 0 says that there is no picture to be had.
"""

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.container import InputContainer
from PIL import Image, ImageOps

from maagn.video.decoder.confine import allow
from maagn.video.decoder.container import OPEN_OPTIONS, clip_stream
from maagn.video.decoder.picture import orientation, upright
from maagn.video.decoder.protocol import LENGTH
from maagn.video.decoder.serve import private_stdout
from maagn.video.formats import is_animated_webp
from maagn.video.frame_folder import frames_in

_QUALITY = 75


def serve_stills() -> None:
    """Read the request from stdin, answer file by file on what was stdout."""
    answers = private_stdout()
    request = json.loads(sys.stdin.buffer.readline())
    allow(float(request["seconds"]))
    av.logging.set_level(av.logging.PANIC)
    with contextlib.suppress(BrokenPipeError):
        for path, template in zip(request["paths"], request["templates"], strict=True):
            _send(answers, _still(Path(path), template=template, side=int(request["side"])))


def _send(answers: BinaryIO, content: bytes) -> None:
    answers.write(LENGTH.pack(len(content)) + content)
    answers.flush()


def _still(path: Path, *, template: str | None, side: int) -> bytes:
    try:
        image = _middle_picture(path, template) if path.is_dir() else _middle_frame(path)
        image.thumbnail((side, side))
        file = io.BytesIO()
        image.convert("RGB").save(file, "JPEG", quality=_QUALITY)
    except Exception:  # a damaged file may raise anything; it has no picture then
        return b""
    return file.getvalue()


def _middle_frame(path: Path) -> Image.Image:
    with path.open("rb") as file:
        head = file.read(32)
    if not is_animated_webp(head):
        return _key_frame(path)
    image = Image.open(path, formats=("WEBP",))
    image.seek(getattr(image, "n_frames", 1) // 2)
    return ImageOps.exif_transpose(image)


def _key_frame(path: Path) -> Image.Image:
    with _opened(path) as container:
        stream = clip_stream(container, name=path.name, again=lambda: _opened(path))
        if container.duration:
            with contextlib.suppress(av.FFmpegError):  # what cannot be sought shows its beginning
                container.seek(container.duration // 2)
        frame = next(container.decode(stream))
        how, size = orientation(frame), (frame.width, frame.height)
        picture = upright(frame, how=how, size=size[::-1] if how.transposes else size)
    return Image.fromarray(np.ascontiguousarray(picture))


def _opened(path: Path) -> InputContainer:
    return av.open(str(path), options=OPEN_OPTIONS, metadata_errors="replace")


def _middle_picture(folder: Path, template: str | None) -> Image.Image:
    pictures = frames_in(folder, template=template).paths
    middle = pictures[len(pictures) // 2]
    if middle.resolve().parent != folder.resolve() or not middle.is_file():  # a way out, a pipe
        raise ValueError(f"{middle.name} is no file of the folder")
    image: Image.Image = Image.open(middle, formats=("JPEG", "PNG"))
    image.draft("RGB", (256, 256))
    return ImageOps.exif_transpose(image)
