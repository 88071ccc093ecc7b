"""What a run comes to, in one JSON file: read back as the dataclasses that were written."""

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from maagn.errors import ResultsError

T = TypeVar("T")


def read_stored(
    path: Path,
    build: Callable[[Mapping[str, Any]], T],
    *,
    format_: str,
    older: tuple[str, ...] = (),
    what: str,
    command: str,
) -> T:
    """What a file of that format holds.

    Args:
        path: of the file.
        build: makes it of the file's values; `restored` does for a dataclass.
        format_: the version that the file must name.
        older: earlier versions that `build` makes it of as well.
        what: it holds, for people.
        command: that makes it.

    Raises:
        ResultsError: no such file, not one of ours, or damaged.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] not in (format_, *older):
            raise ValueError("another format")
        return build(content)
    except FileNotFoundError as error:
        raise ResultsError(f"There is no {path.name} yet: make it with `{command}`.") from error
    except (KeyError, TypeError, ValueError, AttributeError, OSError, RecursionError) as error:
        raise ResultsError(
            f"{path.name} holds no {what} that this version can read: make it again with "
            f"`{command}`."
        ) from error


def restored(kind: Any, value: Any) -> Any:  # noqa: ANN401 - any type that a field is annotated with
    """A value of JSON as a dataclass, or as the type that one of its fields is annotated with.

    Raises:
        TypeError: it is of another.
        KeyError: a field is missing.
    """
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        own = {one.name: restored(hints[one.name], value[one.name]) for one in fields(kind)}
        return kind(**own)  # type: ignore[operator]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        (some,) = (one for one in arguments if one is not type(None))
        return restored(some, value)
    if origin is Literal and value in arguments:
        return value
    if origin is tuple and isinstance(value, list):
        kinds = arguments[:1] * len(value) if arguments[1:] == (...,) else arguments
        return tuple(restored(one, each) for one, each in zip(kinds, value, strict=True))
    if origin is dict and isinstance(value, dict):
        return {restored(arguments[0], k): restored(arguments[1], v) for k, v in value.items()}
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind in (int, str, bool) and type(value) is kind:
        return value
    raise TypeError(f"{value!r} is no {kind}")
