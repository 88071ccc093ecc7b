"""What goes wrong, in one line; and files that appear in a folder all together or not at all."""

import errno
import math
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from maagn.errors import MaagnError

EXIT_CODE = 2


@contextmanager
def one_line() -> Iterator[None]:
    """End the command with one line on stderr where a person can mend what went wrong.

    Raises:
        typer.Exit: with code 2, after a `MaagnError`, a file that cannot be read or written, or too
            little memory.
    """
    try:
        yield
    except MaagnError as error:
        _stop(str(error), error)
    except BrokenPipeError:
        raise  # the reader of our output has seen enough: no failure to tell
    except (OSError, MemoryError, RuntimeError) as error:
        from maagn.faults import named  # it brings PyTorch, which takes a second

        fault = named(error)
        if fault is None and not isinstance(error, OSError):
            raise
        _stop(str(fault) if fault else _as_the_system_says(error), error)


def _as_the_system_says(error: BaseException) -> str:
    where = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
    return f"{where}{getattr(error, 'strerror', None) or error}"


def _stop(message: str, error: Exception) -> None:
    line = "".join(letter if letter.isprintable() else " " for letter in message)
    typer.echo(" ".join(line.split()), err=True)
    raise typer.Exit(EXIT_CODE) from error


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


def without_nan(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The value with NaN replaced by None, since JSON has no NaN."""
    match value:
        case dict():
            return {name: without_nan(one) for name, one in value.items()}
        case list():
            return [without_nan(one) for one in value]
        case float() if math.isnan(value):
            return None
    return value
