"""Tiny videos whose frames carry their own number, in blocks that no codec can blur away."""

import io
import shutil
import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction
from multiprocessing import get_context
from pathlib import Path

import av
import numpy as np
from PIL import Image

WIDTH, HEIGHT = 96, 64
ROWS, COLUMNS = 2, 4  # eight blocks: numbers from 0 to 255, highest bit first
TICK = Fraction(1, 1000)
GAP = 40  # ticks from frame to frame: 25 frames a second


def picture(number: int) -> np.ndarray:
    """One frame that says `number`, RGB."""
    bits = [(number >> place) & 1 for place in reversed(range(ROWS * COLUMNS))]
    blocks = np.array(bits, dtype=np.uint8).reshape(ROWS, COLUMNS) * 200 + 28
    gray = blocks.repeat(HEIGHT // ROWS, axis=0).repeat(WIDTH // COLUMNS, axis=1)
    return np.repeat(gray[..., None], 3, axis=2)


def numbers(frames: np.ndarray) -> list[int]:
    """What the frames say, whatever their size."""
    height, width = frames.shape[1:3]
    rows = (2 * np.arange(ROWS) + 1) * height // (2 * ROWS)
    columns = (2 * np.arange(COLUMNS) + 1) * width // (2 * COLUMNS)
    bits = frames[:, rows][:, :, columns, 1].reshape(len(frames), -1) > 128
    return np.packbits(bits, axis=1)[:, 0].tolist()


def three_pictures(still: bytes) -> np.ndarray:
    """The first, the middle and the last frame of a small picture, (3, h, w, 3)."""
    with Image.open(io.BytesIO(still)) as image:
        return np.stack(np.split(np.asarray(image.convert("RGB")), 3, axis=1))


def encode(
    path: Path,
    *,
    codec: str = "libx264",
    container: str | None = None,
    count: int = 40,
    ticks: Sequence[int] | None = None,
    pixels: str = "yuv420p",
    options: dict[str, str] | None = None,
    movflags: str = "",
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Path:
    """Write frames 0, 1, 2 ... at those ticks of a millisecond (25 a second by default)."""
    muxing = {"movflags": movflags} if movflags else {}
    with av.open(str(path), "w", format=container, options=muxing) as output:
        stream = output.add_stream(codec, rate=25, options=options or {})
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        if ticks is not None:
            stream.codec_context.time_base = stream.time_base = TICK
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            frame = frame.reformat(width=size[0], height=size[1], format=pixels)
            frame.pts = number if ticks is None else ticks[number]
            frame.time_base = Fraction(1, 25) if ticks is None else TICK
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def encode_apart(path: Path, **settings) -> Path:
    """`encode` in a process of its own.

    Run as root, SVT-AV1 gives the process that it encodes in real-time priority, for good: in the
    tests' own process that starves the whole machine.
    """
    child = get_context("spawn").Process(target=encode, args=(path,), kwargs=settings)
    child.start()
    child.join()
    assert child.exitcode == 0
    return path


def stored_av1(path: Path) -> Path:
    """Frames 0 to 39 in AV1, from a file: its encoder runs neither everywhere nor gently.

    `encode_apart(path, codec="libsvtav1", options={"preset": "8", "crf": "20"})` wrote it.
    """
    return Path(shutil.copy(Path(__file__).parent / "av1.mp4", path))


def cut_without_decoding(source: Path, target: Path, *, first: int, key: int) -> Path:
    """What `ffmpeg -ss X -c copy` makes: packets from key frame `key`, shown from `first` on.

    Frames before `first` get negative times, and the MP4 muxer writes an edit list to hide them.
    """
    with av.open(str(source)) as taken, av.open(str(target), "w", format="mp4") as output:
        before = taken.streams.video[0]
        after = output.add_stream_from_template(before)
        shift = round(first / 25 / before.time_base)
        start = round(key / 25 / before.time_base)
        for packet in taken.demux(before):
            if packet.size and packet.pts >= start:
                packet.pts -= shift
                packet.dts -= shift
                packet.stream = after
                output.mux(packet)
    return target


def cut_in_pieces(path: Path, *, pieces: int) -> Path:
    """Ask of an MP4's players to show it in so many pieces of a frame each, by an edit list.

    Piece i shows frame i modulo the number of frames; the movie box must be the last one.
    """
    data = path.read_bytes()
    count = _number(data, data.index(b"stsz") + 12)
    scale = _number(data, data.index(b"mdhd") + 16)
    movie_scale = _number(data, data.index(b"mvhd") + 16)
    first = next(_edits(data), 0)
    entries = b"".join(
        struct.pack(">IiI", movie_scale // 25, first + scale // 25 * (piece % count), 1 << 16)
        for piece in range(pieces)
    )
    edits = _box(b"edts", _box(b"elst", struct.pack(">II", 0, pieces) + entries))
    at = data.index(b"trak") - 4
    track = data[at + 8 : at + _number(data, at)]
    old = track.find(b"edts") - 4
    if old >= 0:
        track = track[:old] + track[old + _number(track, old) :]
    head = _number(track, 0)
    movie = data.index(b"moov") - 4
    changed = data[movie + 8 : at] + _box(b"trak", track[:head] + edits + track[head:])
    rest = data[at + _number(data, at) :]
    path.write_bytes(data[:movie] + _box(b"moov", changed + rest))
    return path


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content) + 8) + kind + content


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "big")


def _edits(data: bytes) -> Iterator[int]:
    """Where the edits of the first track begin in its media."""
    at = data.find(b"elst") + 4
    for entry in range(_number(data, at + 4) if at >= 4 else 0):
        yield _number(data, at + 12 + 12 * entry)


def turn(path: Path) -> Path:
    """Ask of an MP4's players to turn its picture a quarter, by its track header's matrix."""
    return ask_matrix(path, (0, 1, 0, -1, 0, 0, 0, 0, 1))


def ask_matrix(path: Path, matrix: Sequence[float]) -> Path:
    """Write a video track's matrix, a b u c d v x y w, into an MP4's or a MOV's track header."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 4 + 5 * 4 + 8 + 8
    ones = (1 << 16, 1 << 16, 1 << 30) * 3  # fixed-point numbers
    entries = [round(entry * one) for entry, one in zip(matrix, ones, strict=True)]
    data[at : at + 36] = b"".join(entry.to_bytes(4, "big", signed=True) for entry in entries)
    path.write_bytes(data)
    return path
