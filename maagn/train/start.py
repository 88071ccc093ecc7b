"""What a training begins from: everything of another network that fits, and what is new then."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from maagn.config import ModelSpec, Take
from maagn.errors import CheckpointError
from maagn.nn.build import architecture_of
from maagn.nn.maagn import MAAGN
from maagn.nn.network import VideoNetwork
from maagn.train.parent import PARENTS, changes_to_become, grow
from maagn.train.source import Source, read_source

_BACKBONE, _CLASSIFIER, _OTHERS = "backbone", "classifier", "other layers"
_BETWEEN = {
    "pyramid": r"pyramid\.",
    "level fusion": r"(top_down|bottom_up|fuse)\.",
    "SDM": r"paths\.\d+\.sdm\.",
    "MTAM": r"paths\.\d+\.mtam\.",
    "AGM": r"paths\.\d+\.agm\.",
    "paths' own fusion": r"merge\.",
    "auxiliary head": r"auxiliary\.",
}
"""What tensors between backbone and classifier belong to, by the beginning of their names."""

_PARTS = (_BACKBONE, *_BETWEEN, _CLASSIFIER, _OTHERS)
"""Of a network, for people."""

_UNIT = re.compile(
    r"(?:paths|merge|heads|pyramid\.\w+|top_down\.each|bottom_up\.each)\.\d+"
    r"|(?:top_down|bottom_up)\.fuse|auxiliary\.\w+|fuse"
)
"""What of these is taken whole or not at all; of others, a module is."""

_OF_LEVEL = re.compile(r"((?:paths|merge|heads|pyramid\.\w+|(?:top_down|bottom_up)\.each)\.)(\d+)")


@dataclass(frozen=True)
class Start:
    """What a network took from another.

    Attributes:
        digest: SHA-256 of the other's file, hexadecimal; None where there is none.
        parts: of which it took tensors, for people.
        kept: paths whose SDM, MTAM and AGM are the other's, by index.
        silent: whether the masks and gates of the paths begin as the identity.
        told: a few lines for people.
    """

    digest: str | None = None
    parts: tuple[str, ...] = ()
    kept: frozenset[int] = frozenset()
    silent: bool = False
    told: tuple[str, ...] = ()


FRESH = Start()


def begin(
    network: VideoNetwork, file: str, *, labels: tuple[str, ...] | None = None, take: Take = "all"
) -> Start:
    """Copy what fits of another network; a MAAGN begins as its parent where its spec can.

    A part fits where its tensors do and it reads the same: a classifier also needs the same
    classes, in the same order, and parts of a level are those of the level of the same number.

    Args:
        network: with fresh weights; changed in place.
        file: one of ours, or its name in `checkpoints/`; torchvision's ImageNet ResNet; or a
            published network that `maagn import` brings, as it is.
        labels: of the data, in order; None takes a classifier of as many classes for theirs.
        take: `backbone` for that alone.

    Raises:
        UnknownModel: neither a name nor a file.
        CheckpointError: it cannot be read, or its backbone has other layers.
    """
    source = read_source(file, like=network.spec)
    same = source.has_classes(labels, network.spec.classes)
    fitting = _fitting(network, source, same=same)
    part_of = _parts_of(network)
    backbone = {name for name, part in part_of.items() if part == _BACKBONE}
    beginnings = architecture_of(network.spec).backbone
    theirs = {name for name in source.tensors if name.startswith(beginnings)}
    if not backbone <= fitting.keys() or theirs != backbone:
        raise CheckpointError(
            f"The backbone of {source.name} has other layers than this network's: start from one "
            "of the same depth, width and kind."
        )
    if take == "backbone":
        fitting = {name: fitting[name] for name in backbone}
    network.load_state_dict(fitting, strict=False)
    taken, parent, changes = set(fitting), source.spec, None
    if take == "all" and isinstance(network, MAAGN) and parent and parent.arch in PARENTS:
        changes = changes_to_become(parent, network.spec)
        if not changes:
            taken |= grow(network, parent, source.tensors, classes=same)
    silent = changes == {}
    parts = Counter(part_of[name] for name in taken)
    return Start(
        digest=source.digest,
        parts=tuple(part for part in _PARTS if parts[part]),
        kept=frozenset(int(name.split(".")[1]) for name in taken if name.startswith("paths.")),
        silent=silent,
        told=tuple(
            _told(Counter(part_of.values()), source, parts, take=take, same=same, changes=changes)
        ),
    )


def _parts_of(network: VideoNetwork) -> dict[str, str]:
    """The part, one of `_PARTS`, that each tensor of a network belongs to."""
    beginnings = architecture_of(network.spec).backbone
    classifiers = tuple(
        f"{name}." for name, module in network.named_modules() if module in network.classifiers
    )

    def part(name: str) -> str:
        if name.startswith(beginnings):
            return _BACKBONE
        if name.startswith(classifiers):
            return _CLASSIFIER
        found = (part for part, pattern in _BETWEEN.items() if re.match(pattern, name))
        return next(found, _OTHERS)

    return {name: part(name) for name in network.state_dict()}


def _fitting(network: VideoNetwork, source: Source, *, same: bool) -> dict[str, Tensor]:
    """The source's tensors that take the place of the network's, by the network's names."""
    own = network.state_dict()
    given = _renamed(source, network.spec)
    units: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for name, part in _parts_of(network).items():
        match = _UNIT.match(name)
        unit = match[0] if match else name.rpartition(".")[0]
        units[part, part if part == _BACKBONE else unit].add(name)
    by_linear_layers = bool(network.classifiers)
    return {
        name: given[name].to(own[name].dtype)
        for (part, unit), names in units.items()
        if _reads_the_same(part, source.spec, network.spec, same=same, known=by_linear_layers)
        and (same or unit != "auxiliary.classify")
        and all(name in given and given[name].shape == own[name].shape for name in names)
        for name in names
    }


def _renamed(source: Source, own: ModelSpec) -> dict[str, Tensor]:
    """Tensors by our network's names, in which parts of a level have that level's index there."""
    if source.spec is None or source.spec.levels == own.levels:
        return dict(source.tensors)
    levels = source.spec.levels
    found = {}
    for name, tensor in source.tensors.items():
        match = _OF_LEVEL.match(name)
        if match is None:
            found[name] = tensor
            continue
        # The convolution down from a level goes to the next: both must be neighbours there, too.
        needed = 2 if match[1] == "pyramid.down." else 1
        first = int(match[2])
        mine = levels[first : first + needed]
        if mine[0] in own.levels:
            index = own.levels.index(mine[0])
            if own.levels[index : index + needed] == mine:
                found[f"{match[1]}{index}{name[match.end() :]}"] = tensor
    return found


def _reads_the_same(
    part: str, theirs: ModelSpec | None, own: ModelSpec, *, same: bool, known: bool
) -> bool:
    """Whether a part means in both networks the same, whatever the shapes of its tensors.

    Args:
        part: of `_PARTS`.
        theirs: the other network; None where it has a backbone alone.
        own: the network.
        same: whether the classes are the same.
        known: whether it is known which of its layers are the classifier.
    """
    if theirs is None or part == _BACKBONE:
        return part == _BACKBONE
    if part == _CLASSIFIER:
        return same and _classifies_by(theirs) == _classifies_by(own)
    if part == _OTHERS:
        return theirs.arch == own.arch and (same or known)
    return part != "auxiliary head" or theirs.levels[-2:-1] == own.levels[-2:-1]


def _classifies_by(spec: ModelSpec) -> str:
    """What the classifiers read."""
    if spec.arch in ("tsn", "tsm"):
        return "mean"
    return f"{spec.arch} {spec.votes}"


def _told(
    whole: Mapping[str, int],
    source: Source,
    taken: Mapping[str, int],
    *,
    take: Take,
    same: bool,
    changes: Mapping[str, Any] | None,
) -> Iterable[str]:
    """What was taken, what is new, and whether the network begins as good as the other."""
    counts = [
        f"{part}: {taken[part]}{f' of {whole[part]}' if taken[part] < whole[part] else ''} tensors"
        for part in _PARTS
        if taken[part]
    ]
    yield f"From {source.name}: {'; '.join(counts)}"
    new = [part for part in _PARTS if whole[part] and not taken[part]]
    if new:
        yield f"New: {', '.join(new)}"
    if take == "backbone" or source.spec is None:
        return
    if taken["classifier"] and source.labels is None:
        yield (
            f"{source.name} does not name its {source.spec.classes} classes: they are taken for "
            "the data's, in the same order"
        )
    if not taken["classifier"] and not same:
        yield f"{source.name} has other classes than the data"
    if changes:
        words = " ".join(f"--set {name}={_text(value)}" for name, value in changes.items())
        what = "the answers" if same else "the features"
        yield f"It would begin with {what} of {source.name} with {words}"
    elif changes is not None:
        what = "answers" if same else "sees"
        yield f"At first it {what} as {source.name} does: every path begins as the identity"


def _text(value: object) -> str:
    """A field's value as `--set` takes it."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
