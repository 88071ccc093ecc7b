"""A network's class names from a file, in the order of its logits."""

import json
from pathlib import Path
from typing import Any

from maagn.data.errors import DatasetError
from maagn.data.listing import read_text
from maagn.errors import CheckpointError


def read_labels(path: Path) -> tuple[str, ...]:
    """The class names of a list.

    Args:
        path: a text with a name a line; or JSON: a list of names, or names with their numbers from
            0, also as texts, as in Something-Something's `labels.json`.

    Returns:
        The names as they are written, brackets included.

    Raises:
        CheckpointError: it is not there or no text, has no names, one of them twice, or numbers
            with a gap.
    """
    try:
        text = read_text(path)
    except DatasetError as error:
        raise CheckpointError(str(error)) from error
    names = _from_json(path, text)
    if names is None:
        names = [line.strip() for line in text.splitlines() if line.strip()]
    if not names:
        raise CheckpointError(f"{path.name} holds no class names: give a name a line.")
    twice = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if twice is not None:
        raise CheckpointError(f"{path.name} names the class {twice[:80]!r} twice: keep one.")
    return tuple(names)


def _from_json(path: Path, text: str) -> list[str] | None:
    """The names in JSON; None where it is a text, whose first name may begin with a bracket."""
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        if path.suffix.lower() == ".json":
            raise CheckpointError(f"{path.name} is damaged: download it again.") from error
        return None
    if isinstance(content, list) and all(isinstance(name, str) for name in content):
        return [name.strip() for name in content]
    try:
        numbers = {int(number): name.strip() for name, number in content.items()}
        if len(numbers) == len(content) and sorted(numbers) == list(range(len(content))):
            return [numbers[i] for i in range(len(numbers))]
    except (AttributeError, TypeError, ValueError):
        pass
    if path.suffix.lower() != ".json" and not isinstance(content, dict | list):
        return None  # a single name that is a number
    raise CheckpointError(
        f"{path.name} does not number the classes from 0: give each name its place among the "
        "logits, or a text with a name a line."
    )
