"""Networks of one's own, beside those of `maagn.nn.build`."""

import re
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from maagn.config import ModelSpec
from maagn.errors import NetworkError
from maagn.nn.build import ARCHITECTURES, PRESETS, Architecture, PublishedAs
from maagn.nn.check import SIDE, check_architecture
from maagn.nn.network import VideoNetwork
from maagn.nn.taps import Stage

COLOURS = (
    "#332288",
    "#117733",
    "#AA4499",
    "#882255",
    "#999933",
    "#44AA99",
    "#CC6677",
    "#6699CC",
    "#004488",
    "#B58900",
    "#7A4FBF",
    "#B2182B",
    "#5F9E0B",
    "#00838F",
)
"""For networks that are given none: the one that is furthest from all that are worn."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_lock = Lock()


def register_network(
    name: str,
    build: Callable[[ModelSpec], VideoNetwork],
    *,
    stages: Callable[[ModelSpec], tuple[Stage, ...]],
    presets: Mapping[str, ModelSpec],
    title: str = "",
    colour: str | None = None,
    backbone: tuple[str, ...] = ("backbone.",),
    published: Sequence[PublishedAs] = (),
    example: ModelSpec | None = None,
    side: int = SIDE,
) -> Architecture:
    """Add a kind of network to those that there are, after it was run on a small random clip.

    Args:
        name: `ModelSpec.arch` of its networks; small letters, digits, `-` and `_`.
        build: a network with fresh weights, a `maagn.nn.network.VideoNetwork`.
        stages: of a network, shallow first, `backbone.res2` to `backbone.res5`.
        presets: specs by name, one at least.
        title: what people read; the name where it is empty.
        colour: `#RRGGBB`; None takes one that no network wears.
        backbone: what the names of the tensors before the classifier begin with.
        published: weights of others that load as they are.
        example: spec of a small network that is tried; None for the first preset.
        side: of the frames that it is tried on, in pixels.

    Returns:
        The entry of `maagn.nn.build.ARCHITECTURES`.

    Raises:
        NetworkError: a name or a colour that is taken, or a network that does not keep the
            contract (`maagn.check_network`); nothing is registered then.
    """
    if not _NAME.fullmatch(name):
        raise NetworkError(
            f"A network cannot be called {name[:40]!r}: take small letters, digits, - and _."
        )
    if not presets or any(spec.arch != name for spec in presets.values()):
        raise NetworkError(f"{name} needs a preset, a ModelSpec with arch={name!r}, or more.")
    made = Architecture(
        title=title or name,
        colour=colour or free_colour(),
        build=build,
        stages=stages,
        presets=dict(presets),
        backbone=backbone,
        published=tuple(published),
    )
    with _lock:
        _refuse_taken(name, made)
        check_architecture(made, example or next(iter(presets.values())), side=side)
        ARCHITECTURES[name] = made
        PRESETS.update(presets)
    return made


def free_colour() -> str:
    """Of `COLOURS`, the one that differs most from what the networks wear."""
    worn = [_rgb(one.colour) for one in ARCHITECTURES.values()]

    def distance(colour: str) -> int:
        mine = _rgb(colour)
        return min(sum((a - b) ** 2 for a, b in zip(mine, other, strict=True)) for other in worn)

    return max(COLOURS, key=distance)


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def _refuse_taken(name: str, made: Architecture) -> None:
    others = ARCHITECTURES.values()
    if name in ARCHITECTURES:
        raise NetworkError(f"There is a network kind {name} already: choose another name.")
    if made.title.casefold() in {one.title.casefold() for one in others}:
        raise NetworkError(f"There is a network called {made.title} already: give another title.")
    if not _COLOUR.fullmatch(made.colour):
        raise NetworkError(f"{made.colour[:40]} is no colour like #332288: give one, or none.")
    if made.colour.casefold() in {one.colour.casefold() for one in others}:
        raise NetworkError(f"A network wears {made.colour} already: give another colour, or none.")
    for preset in made.presets:
        if preset in PRESETS:
            raise NetworkError(f"There is a preset {preset} already: choose another name.")
    kinds = {one.kind for other in others for one in other.published}
    for published in made.published:
        if published.kind in kinds:
            raise NetworkError(f"{published.kind} is brought already: give it another kind.")
        if published.preset not in made.presets:
            raise NetworkError(f"{published.kind} needs one of {name}'s own presets.")
