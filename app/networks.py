"""Which networks speak on a page: those that know the same classes, together."""

from pathlib import Path

from app import cache
from maagn import checkpoint
from maagn.checkpoint import CheckpointInfo
from maagn.errors import CheckpointError
from maagn.nn.build import ARCHITECTURES
from maagn.opposites.clip import OPPOSITES_LABELS

DEMONSTRATION = "Demonstration"
_ORDER = tuple(ARCHITECTURES)


def groups() -> dict[str, tuple[str, ...]]:
    """Names of the networks by what people call the group, MAAGN first in each.

    The demonstration networks come first; others follow by their number of classes. A file that
    cannot be read is left out: `maagn models` names it.
    """
    cards = [card for name in checkpoint.available() if (card := _card(name)) is not None]
    found: dict[tuple[str, ...], list[CheckpointInfo]] = {}
    for card in sorted(cards, key=lambda one: (_ORDER.index(one.spec.arch), one.name)):
        found.setdefault(card.labels, []).append(card)
    named: dict[str, tuple[str, ...]] = {}
    for members in sorted(found.values(), key=_rank):
        demo = tuple(card.name for card in members if is_demonstration(card))
        if demo:
            named[DEMONSTRATION] = demo
        others = tuple(card.name for card in members if not is_demonstration(card))
        if others:
            named[f"{len(members[0].labels)} classes: {', '.join(others)}"] = others
    return named


def results_folders() -> tuple[Path, ...]:
    """Folders with predictions of clips that a head was fitted without, one for each set."""
    return ()


def is_demonstration(card: CheckpointInfo) -> bool:
    """Whether it is one of the four networks that come with the explorer, or was trained as one."""
    return card.name == f"{card.spec.arch}-demo" and card.labels == OPPOSITES_LABELS


def _rank(members: list[CheckpointInfo]) -> tuple[bool, int]:
    return not any(map(is_demonstration, members)), len(members[0].labels)


def _card(name: str) -> CheckpointInfo | None:
    try:
        return cache.card(name)
    except CheckpointError:
        return None
