"""Read many seeded files that are damaged, lying or foreign, and look at what comes of each.

    python -m tests.fuzz.fuzz --files 2000 --seed 1 --out docs/reliability

`--only N --keep FOLDER` makes the N-th file alone, keeps it, and says what came of it.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from maagn.config import SamplingSpec
from maagn.errors import ClipError, ClipTooLarge
from maagn.video import worker
from maagn.video.read import read_clip
from maagn.video.validate import Limits
from tests.fuzz.kinds import KINDS, sound
from tests.fuzz.oracle import Oracle
from tests.fuzz.report import write
from tests.fuzz.sources import PAIRS

NEEDED = 8  # frames
LIMITS = Limits(seconds_to_decode=10.0)
GRACE_SECONDS = 1.0
FILES_BETWEEN_COUNTS = 100


@dataclass(frozen=True)
class Outcome:
    """What came of one file.

    Attributes:
        number: of the file, from 0: with the seed, it makes the file again.
        kind: what was done to it.
        of: its container and codec, or what else it is.
        result: "read", "read, with a notice", or the name of the error.
        seconds: until then.
        frames: that the clip has, 0 where there is none.
        plain: frames that PyAV gives by itself; None where it came to no end.
        wrong: sentences on what should not be so; empty where all is well.
    """

    number: int
    kind: str
    of: str
    result: str
    seconds: float
    frames: int
    plain: int | None
    wrong: tuple[str, ...]

    @property
    def expected(self) -> bool:
        """Whether a person may expect frames: PyAV gives enough, nothing is over a bound."""
        points = self.kind == "not video"  # lists that point elsewhere are refused on purpose
        return (self.plain or 0) >= NEEDED and not points and self.result != ClipTooLarge.__name__


def made(number: int, *, seed: int, folder: Path) -> tuple[str, str, Path]:
    """The file of that number: its kind, what it is of, and where it is."""
    chance = random.Random(f"{seed}-{number}")
    kinds = list(KINDS)
    kind = chance.choices(kinds, [share for _, share in KINDS.values()])[0]
    of, content = KINDS[kind][0](chance, folder)
    suffix = of.split()[0].strip(",").lower()
    if kind == "wrong extension":
        suffix = chance.choice([other for other in ("mp4", "avi", "mkv", "txt") if other != suffix])
    path = folder / f"file-{number}.{suffix}"
    path.write_bytes(content)
    return kind, of, path


def tried(number: int, kind: str, of: str, path: Path, oracle: Oracle) -> Outcome:
    """Read one file and look at everything that must hold."""
    wrong = []
    frames = 0
    begun = time.monotonic()
    try:
        clip = read_clip(path, samplings=[SamplingSpec(frames=NEEDED)], limits=LIMITS)
    except ClipError as error:
        result = type(error).__name__
        if "\n" in str(error) or not str(error).endswith("."):
            wrong.append(f"no sentence: {error}")
    except Exception as error:
        result = type(error).__name__
        wrong.append(f"unnamed error: {error}")
    else:
        result = "read, with a notice" if clip.notices else "read"
        frames = len(clip.source_seconds)
        if not np.isfinite(clip.source_seconds).all() or (np.diff(clip.source_seconds) <= 0).any():
            wrong.append("times do not increase")
        if len(clip.frames) != len(clip.seconds) or not len(clip.frames):
            wrong.append("frames and times differ in number")
    seconds = time.monotonic() - begun
    if seconds > LIMITS.seconds_to_decode + GRACE_SECONDS:
        wrong.append(f"took {seconds:.1f} s")
    return Outcome(number, kind, of, result, seconds, frames, oracle.count(path), tuple(wrong))


def left_behind() -> list[str]:
    """Processes under this one, and open files that are more than at the beginning."""
    worker.close()
    children = [
        child
        for task in Path("/proc/self/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    opened = []
    for number in Path("/proc/self/fd").iterdir():
        try:
            opened.append(str(number.readlink()))
        except OSError:
            continue  # the one that looks
    return [f"process {child}" for child in children] + sorted(opened)


def fuzz(files: int, *, seed: int, between: int = FILES_BETWEEN_COUNTS) -> Iterator[Outcome | str]:
    """Each file's outcome, and sentences on what was left behind.

    Args:
        files: how many.
        seed: which.
        between: files between two counts of processes and open files.
    """
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for pair in PAIRS:  # encoders open files, and one starts a process, at their first use
            sound(pair, work)
        before: list[str] | None = None
        for first in range(0, files, between):
            oracle = Oracle(seconds=20.0)
            for number in range(first, min(first + between, files)):
                kind, of, path = made(number, seed=seed, folder=work)
                yield tried(number, kind, of, path, oracle)
                path.unlink()
            oracle.close()
            after = left_behind()
            if before is not None and len(after) > len(before):
                yield f"left behind: {sorted(set(after) - set(before)) or after}"
            before = before or after


def main() -> None:
    """Run as the command line asks."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="folder for fuzz.json and fuzz.md")
    parser.add_argument("--only", type=int, help="number of one file")
    parser.add_argument("--keep", type=Path, default=Path(), help="folder for that file")
    given = parser.parse_args()
    if given.only is not None:
        with tempfile.TemporaryDirectory() as folder:
            kind, of, path = made(given.only, seed=given.seed, folder=Path(folder))
            kept = given.keep / path.name
            kept.write_bytes(path.read_bytes())
        oracle = Oracle(seconds=20.0)
        print(kept, tried(given.only, kind, of, kept, oracle))
        oracle.close()
        return
    outcomes, leaks = [], []
    for found in fuzz(given.files, seed=given.seed):
        if isinstance(found, str):
            leaks.append(found)
            print(found, flush=True)
            continue
        outcomes.append(found)
        unusable = found.expected and not found.frames
        if found.wrong or unusable:
            print(found, flush=True)
    text = write(outcomes, leaks, seed=given.seed, out=given.out)
    print(text)


if __name__ == "__main__":
    main()
