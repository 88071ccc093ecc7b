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
        typer.Exit: with code 2, after a `MaagnError` or a file that cannot be read or written.
    """
    try:
        yield
    except MaagnError as error:
        _stop(str(error), error)
    except BrokenPipeError:
        raise  # the reader of our output has seen enough: no failure to tell
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _stop(f"{where}{error.strerror or error}", error)


def _stop(message: str, error: Exception) -> None:
    line = "".join(letter if letter.isprintable() else " " for letter in message)
    typer.echo(" ".join(line.split()), err=True)
    raise typer.Exit(EXIT_CODE) from error
