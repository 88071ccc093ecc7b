"""Which networks speak on a page: those that know the same classes, together."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from app import cache, session, taught
from maagn import checkpoint
from maagn.checkpoint import CheckpointInfo
from maagn.errors import CheckpointError
from maagn.nn.build import ARCHITECTURES
from maagn.opposites.clip import OPPOSITES_LABELS

DEMONSTRATION = "Demonstration"
TAUGHT = "Taught"


def groups() -> dict[str, tuple[str, ...]]:
    """What networks are opened by, under what people call the group, MAAGN first in each.

    The demonstration networks come first, then those that were taught, the visitor's own before
    those of `checkpoints/`; others follow by their number of classes. A file that cannot be read is
    left out: `maagn models` names it.
    """
    own = taught.networks()
    there = [(name, card) for name in own + checkpoint.available() if (card := _card(name))]
    order = list(ARCHITECTURES)  # now: reading a file may have brought its kind
    found: dict[tuple[str, ...], list[tuple[str, CheckpointInfo]]] = {}
    for name, card in sorted(there, key=lambda one: order.index(one[1].spec.arch)):
        found.setdefault(_together(name, card), []).append((name, card))
    named: dict[str, tuple[str, ...]] = {}
    titles: Counter[str] = Counter()
    for members in sorted(found.values(), key=lambda members: _rank(members, own)):
        title = _title([card for _, card in members])
        titles[title] += 1
        again = f" ({titles[title]})" if titles[title] > 1 else ""
        named[title + again] = tuple(name for name, _ in members)
    return named


_MOST_WAYS = 4


def choose_where(suits: Callable[[CheckpointInfo], bool]) -> dict[str, Callable[[], None]]:
    """Ways to the groups that something can be shown of, under what a button is called.

    Args:
        suits: whether it can be shown of a group, by its first network, which is the MAAGN if there
            is one.
    """
    titles = [title for title, names in groups().items() if suits(cache.card(names[0]))]
    return {
        f"Choose {title}": partial(session.choose_later, "networks", title)
        for title in titles[:_MOST_WAYS]
    }


def group_of(name: str) -> str | None:
    """The title of a network's group; None where there is no such network."""
    return next((title for title, names in groups().items() if name in names), None)


def _together(name: str, card: CheckpointInfo) -> tuple[str, ...]:
    """What the networks of one group share: their classes, and how they came by them."""
    if card.taught is not None:
        return (*card.labels, str(cache.file_of(name).parent))
    return (*card.labels, DEMONSTRATION if is_demonstration(card) else "")


def _title(cards: list[CheckpointInfo]) -> str:
    first = cards[0]
    if first.taught is not None:
        return f"{TAUGHT}: {first.taught.collection}"
    if is_demonstration(first):
        return DEMONSTRATION
    return f"{len(first.labels)} classes: {', '.join(card.name for card in cards)}"


def results_folders() -> tuple[Path, ...]:
    """Folders with predictions of clips that a head was fitted without, one a collection."""
    return (
        *taught.folders(),
        *(
            path.parent
            for folder in checkpoint.looked_in()
            for path in sorted(folder.glob("*/taught.json"))
        ),
    )


def is_demonstration(card: CheckpointInfo) -> bool:
    """Whether it is one of the four networks that come with the explorer, or was trained as one."""
    return card.name == f"{card.spec.arch}-demo" and card.labels == OPPOSITES_LABELS


def _rank(members: list[tuple[str, CheckpointInfo]], own: list[str]) -> tuple[int, int]:
    name, card = members[0]
    if is_demonstration(card):
        return 0, 0
    if card.taught is not None:
        return 1, own.index(name) if name in own else len(own)
    return 2, len(card.labels)


def _card(name: str) -> CheckpointInfo | None:
    try:
        return cache.card(name)
    except CheckpointError:
        return None
