"""What may be wrong with a file: each kind makes one from the sound videos and a seed."""

import random
import struct
import zipfile
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

from tests.fuzz.sources import FRAMES, PAIRS, TIMED, TRACKED, Pair, sound_only
from tests.video.coded import cut_without_decoding, turn

Kind = Callable[[random.Random, Path], tuple[str, bytes]]
"""Seeded chance and a folder to work in -> the pair or what else it is of, and the content."""

MOST = 0xFFFFFFFF
TONES = (
    ("m4a", "aac"),
    ("mp3", "mp3"),
    ("wav", "pcm_s16le"),
    ("mp4", "aac"),
    ("mkv", "flac"),
    ("ogg", "libopus"),
)
LIES = (0, 1, 0x7FFFFFFF, 0x80000000, MOST)


@cache
def sound(pair: Pair, folder: Path) -> bytes:
    """The sound video of a pair; encoded once."""
    path = folder / f"sound-{PAIRS.index(pair)}.{pair.suffix}"
    return pair.write(path).read_bytes()


def _of(chance: random.Random, folder: Path) -> tuple[Pair, bytearray]:
    pair = chance.choice(PAIRS)
    return pair, bytearray(sound(pair, folder))


def sound_file(chance: random.Random, folder: Path) -> tuple[str, bytes]:
    pair, data = _of(chance, folder)
    return pair.name, bytes(data)


def truncated(chance: random.Random, folder: Path) -> tuple[str, bytes]:
    pair, data = _of(chance, folder)
    return pair.name, bytes(data[: chance.randrange(1, len(data))])


def flipped(chance: random.Random, folder: Path) -> tuple[str, bytes]:
    """Single bits: anywhere, or all in the first two kilobytes, where headers are."""
    pair, data = _of(chance, folder)
    reach = len(data) if chance.random() < 0.5 else min(len(data), 2048)
    for _ in range(chance.choice((1, 4, 16, 64))):
        data[chance.randrange(reach)] ^= 1 << chance.randrange(8)
    return pair.name, bytes(data)


def zeroed(chance: random.Random, folder: Path) -> tuple[str, bytes]:
    pair, data = _of(chance, folder)
    for _ in range(chance.randrange(1, 5)):
        size = chance.choice((16, 128, 1024, 4096))
        start = chance.randrange(len(data))
        data[start : start + size] = bytes(len(data[start : start + size]))
    return pair.name, bytes(data)


def spliced(chance: random.Random, folder: Path) -> tuple[str, bytes]:
    """The beginning of one file, and the end of another."""
    pair, data = _of(chance, folder)
    _, other = _of(chance, folder)
    return pair.name, bytes(
        data[: chance.randrange(1, len(data))] + other[chance.randrange(len(other)) :]
    )


def lying_header(chance: random.Random, folder: Path) -> tuple[str, bytes]:
    """Counts, sizes and times that are not so: named fields of MP4, any number of the others."""
    pair, data = _of(chance, folder)
    boxes = (b"stts", b"stsz", b"stco", b"stsc", b"ctts", b"stss", b"mvhd", b"mdhd", b"elst")
    places = [data.index(box) for box in boxes if box in data]
    for _ in range(chance.randrange(1, 4)):
        if places:
            at = chance.choice(places) + 4 * chance.randrange(-1, 6)
        else:
            at = chance.randrange(min(1024, len(data) - 4))
        lie = struct.pack(chance.choice("<>") + "I", chance.choice(LIES))
        data[at : at + 4] = lie
    return pair.name, bytes(data)


def huge(chance: random.Random, folder: Path) -> tuple[str, bytes]:
    """Dimensions up to 65535 x 65535, in the header alone."""
    pair, data = _of(chance, folder)
    width, height = chance.choice(((65535, 65535), (32767, 32767), (65535, 64), (16384, 16384)))
    small = {">": (struct.pack(">HH", 96, 64), struct.pack(">HH", width, height))}
    small["<"] = (struct.pack("<HH", 96, 64), struct.pack("<HH", width, height))
    small["<I"] = (struct.pack("<II", 96, 64), struct.pack("<II", width, height))
    small["mkv"] = (b"\xb0\x81\x60\xba\x81\x40", b"\xb0\x82" + struct.pack(">H", width)[:1])
    small["tkhd"] = (
        struct.pack(">II", 96 << 16, 64 << 16),
        struct.pack(">II", width << 16, height << 16),
    )
    for before, after in small.values():
        if len(before) == len(after):
            data = data.replace(before, after)
    at = data.find(b"\xb0\x81\x60")  # Matroska's PixelWidth, one byte long
    if at >= 0:
        data[at + 2] = 0xFF
    return pair.name, bytes(data)


def edit_list(chance: random.Random, folder: Path) -> tuple[str, bytes]:
    """Cut without decoding, so that frames before the cut are hidden; at times the list lies."""
    pair = PAIRS[0]
    source, target = folder / "to-cut.mp4", folder / "cut.mp4"
    source.write_bytes(sound(pair, folder))
    key = 10 * chance.randrange(2)
    cut_without_decoding(source, target, first=key + chance.randrange(10), key=key)
    data = bytearray(target.read_bytes())
    if chance.random() < 0.3 and b"elst" in data:
        at = data.index(b"elst") + 8 + 4 * chance.randrange(4)
        data[at : at + 4] = struct.pack(">I", chance.choice(LIES))
    return f"{pair.name}, cut", bytes(data)


def varying_rate(chance: random.Random, folder: Path) -> tuple[str, bytes]:
    pair = chance.choice(TIMED)
    ticks = [0]
    for _ in range(FRAMES - 1):
        ticks.append(ticks[-1] + chance.choice((1, 5, 33, 40, 250, 2000)))
    path = pair.write(folder / f"varying.{pair.suffix}", ticks=ticks)
    return pair.name, path.read_bytes()


def rotated(chance: random.Random, folder: Path) -> tuple[str, bytes]:
    pair = chance.choice(TRACKED)
    path = folder / f"turned.{pair.suffix}"
    path.write_bytes(sound(pair, folder))
    return pair.name, turn(path).read_bytes()


def audio_only(chance: random.Random, folder: Path) -> tuple[str, bytes]:
    suffix, codec = chance.choice(TONES)
    return f"{suffix} {codec}", sound_only(folder / f"tone.{suffix}", codec=codec).read_bytes()


def few_frames(chance: random.Random, folder: Path) -> tuple[str, bytes]:
    """One frame, or fewer than networks need."""
    pair = chance.choice(PAIRS)
    count = chance.choice((1, 1, 2, 7, 8, 9))
    path = pair.write(folder / f"few.{pair.suffix}", count=count)
    return f"{pair.name}, {count}", path.read_bytes()


def no_video(chance: random.Random, folder: Path) -> tuple[str, bytes]:
    """Other files, noise, and lists that point to other files."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("clip.mp4", sound(PAIRS[0], folder))
    other = (folder / "to-point-at.mp4").absolute()
    other.write_bytes(sound(PAIRS[0], folder))
    contents = {
        "empty": b"",
        "noise": chance.randbytes(chance.randrange(1, 20_000)),
        "noise after ftyp": b"\0\0\0\x18ftypisom" + chance.randbytes(4000),
        "noise after EBML": b"\x1a\x45\xdf\xa3" + chance.randbytes(4000),
        "noise after RIFF": b"RIFF\x00\x10\x00\x00AVI LIST" + chance.randbytes(4000),
        "text": b"not a video\n" * chance.randrange(1, 100),
        "ZIP": archive.getvalue(),
        "ELF": Path("/proc/self/exe").read_bytes()[:8000],
        "HLS": f"#EXTM3U\n#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n".encode(),
        "HLS after blanks": f" \n#EXTM3U\n#EXTINF:1,\n{other}\n".encode(),
        "ffconcat": f"ffconcat version 1.0\nfile '{other}'\n".encode(),
        "SDP": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
        "DASH": b"<?xml version='1.0'?><MPD><BaseURL>clip.mp4</BaseURL></MPD>",
    }
    what = chance.choice(list(contents))
    return what, contents[what]


KINDS: dict[str, tuple[Kind, int]] = {
    "sound": (sound_file, 5),
    "truncated": (truncated, 14),
    "bits flipped": (flipped, 16),
    "blocks zeroed": (zeroed, 12),
    "spliced": (spliced, 8),
    "lying header": (lying_header, 16),
    "huge dimensions": (huge, 5),
    "edit list": (edit_list, 4),
    "varying rate": (varying_rate, 4),
    "rotated": (rotated, 3),
    "audio only": (audio_only, 3),
    "few frames": (few_frames, 3),
    "wrong extension": (sound_file, 3),
    "not video": (no_video, 4),
}
"""Each kind, and how many of a hundred files are of it."""
