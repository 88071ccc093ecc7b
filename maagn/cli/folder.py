"""Files that appear in a folder all together or not at all."""

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def refuse_file(out: Path) -> None:
    """Say early that `out` cannot be a folder.

    Raises:
        NotADirectoryError: there is a file of that name.
    """
    if out.exists() and not out.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "is a file, give a folder", str(out))


@contextmanager
def appearing_in(out: Path) -> Iterator[Path]:
    """Give a temporary folder whose files are moved into `out` if the block ends well.

    `out` is made where it is missing; of what it holds, only files of the same names are replaced.
    The temporary folder lies in it, or in its nearest parent, so that moving a file is one step.
    """
    out = out.absolute()
    home = next(folder for folder in (out, *out.parents) if folder.exists())
    part = Path(tempfile.mkdtemp(dir=home, prefix=f".{out.name}."))
    try:
        yield part
        out.mkdir(parents=True, exist_ok=True)
        for file in sorted(part.iterdir()):
            file.replace(out / file.name)
    finally:
        shutil.rmtree(part, ignore_errors=True)
