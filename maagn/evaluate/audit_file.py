"""Audits of attention in one JSON file."""

import json
import types
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from maagn.errors import ResultsError
from maagn.evaluate.attention import AuditOrigin, NetworkAudit
from maagn.io import atomic_write

FORMAT = "maagn-audit-1"
SHIPPED = Path(__file__).parents[2] / "app" / "results" / "attention-audit.json"


def write_audit(path: Path, audits: tuple[NetworkAudit, ...]) -> None:
    """Write one file, whole or not at all; equal audits are equal bytes.

    Verdicts and sentences are written for whoever reads the file; they follow from its numbers.

    Args:
        path: of the file.
        audits: of one run.
    """
    networks = []
    for audit in audits:
        content = asdict(audit)
        content.pop("origin")
        for part, own in zip(content["parts"], audit.parts, strict=True):
            part |= {"verdict": own.verdict, "sentence": own.sentence}
        networks.append(content)
    content = {"format": FORMAT, "origin": asdict(audits[0].origin), "networks": networks}
    with atomic_write(path) as part_file:
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        part_file.write_text(text + "\n", encoding="utf-8")


def read_audit(path: Path = SHIPPED) -> tuple[NetworkAudit, ...]:
    """What `write_audit` wrote.

    Raises:
        ResultsError: no such file, not one of ours, or damaged.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError("another format")
        origin = _read(AuditOrigin, content["origin"])
        audits = tuple(
            _read(NetworkAudit, {**network, "origin": content["origin"]})
            for network in content["networks"]
        )
        if not audits or any("average" not in part.effects for one in audits for part in one.parts):
            raise ValueError("nothing that a verdict could be of")
    except FileNotFoundError as error:
        raise ResultsError(
            f"There is no {path.name} yet: make it with `maagn audit MODEL --out FOLDER`."
        ) from error
    except (KeyError, TypeError, ValueError, AttributeError, OSError, RecursionError) as error:
        raise ResultsError(
            f"{path.name} holds no audit that this version can read: make it again with "
            "`maagn audit`."
        ) from error
    assert all(audit.origin == origin for audit in audits)
    return audits


def _read(kind: Any, value: Any) -> Any:  # noqa: ANN401 - any of the types of an audit's fields
    """A value of JSON as the type that a field is annotated with.

    Raises:
        TypeError: it is of another.
        KeyError: a field is missing.
    """
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{one.name: _read(hints[one.name], value[one.name]) for one in fields(kind)})  # type: ignore[operator]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        (some,) = (one for one in arguments if one is not type(None))
        return _read(some, value)
    if origin is Literal and value in arguments:
        return value
    if origin is tuple and isinstance(value, list):
        kinds = arguments[:1] * len(value) if arguments[1:] == (...,) else arguments
        return tuple(_read(one, each) for one, each in zip(kinds, value, strict=True))
    if origin is dict and isinstance(value, dict):
        return {_read(arguments[0], k): _read(arguments[1], v) for k, v in value.items()}
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind in (int, str, bool) and type(value) is kind:
        return value
    raise TypeError(f"{value!r} is no {kind}")
