"""What a server takes of its machine, read from /proc: itself and every process under it."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Taken:
    """What a server and the processes under it take at one moment.

    Attributes:
        memory: bytes in memory (RSS), all together.
        own_memory: bytes of the server's own process.
        processes: how many, the server itself included.
        threads: of the server's own process.
        descriptors: open files, sockets and pipes of the server's own process.
        uploads: bytes of visitors' files on the disk.
    """

    memory: int
    own_memory: int
    processes: int
    threads: int
    descriptors: int
    uploads: int

    def as_row(self) -> dict[str, int]:
        """For JSON."""
        return asdict(self)


def taken(process: int, uploads: Path) -> Taken:
    """Look once.

    Args:
        process: number of the server's process.
        uploads: the folder that keeps visitors' files.

    Raises:
        FileNotFoundError: the server has ended.
    """
    own = Path(f"/proc/{process}")
    all_of_them = [process, *under(process)]
    return Taken(
        sum(map(_memory, all_of_them)),
        _memory(process),
        len(all_of_them),
        len(list((own / "task").iterdir())),
        len(list((own / "fd").iterdir())),
        sum(file.stat().st_size for file in uploads.rglob("*") if file.is_file()),
    )


def under(process: int) -> list[int]:
    """Numbers of all processes under it."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").iterdir():
        try:
            children = [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue  # the thread has ended
        for child in children:
            found += [child, *under(child)] if Path(f"/proc/{child}").exists() else []
    return found


def _memory(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0  # it has ended
