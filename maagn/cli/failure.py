"""What goes wrong, told in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

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
