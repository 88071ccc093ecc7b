"""Fields of a network's spec replaced by words from the command line."""

from dataclasses import replace
from typing import Any, Literal, get_args, get_origin, get_type_hints

from maagn.config import ModelSpec
from maagn.errors import ModelError
from maagn.suggest import closest_first


def changed(spec: ModelSpec, changes: tuple[tuple[str, str], ...]) -> ModelSpec:
    """The spec with those fields replaced, e.g. (("fusion", "sum"), ("levels", "4,5")).

    Raises:
        ModelError: no such field, a value that the field cannot have, or the number of classes,
            which is the data's.
    """
    kinds = get_type_hints(ModelSpec)
    values: dict[str, Any] = {}
    for name, text in changes:
        if name not in kinds or name == "classes":
            fields = closest_first(name, (kind for kind in kinds if kind != "classes"))
            raise ModelError(f"A network has no setting {name} to change: choose from {fields}.")
        values[name] = _value(name, text, kinds[name])
    return replace(spec, **values)


def _value(name: str, text: str, kind: Any) -> Any:  # noqa: ANN401 - whatever the field holds
    try:
        if get_origin(kind) is Literal:
            return get_args(kind)[get_args(kind).index(text)]
        if get_origin(kind) is tuple:
            return tuple(int(part) for part in text.strip("()").split(","))
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        return kind(text)
    except (ValueError, KeyError) as error:
        raise ModelError(f"{name} cannot be {text}: it takes {_wanted(kind)}.") from error


def _wanted(kind: Any) -> str:  # noqa: ANN401
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(get_args(kind))
    if get_origin(kind) is tuple:
        return "whole numbers with commas between them"
    return {bool: "true or false", int: "a whole number", float: "a number"}[kind]
