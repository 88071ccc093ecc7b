"""What a training begins from: everything of another network that fits, and what is new then."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from maagn.checkpoint import find, is_described, load_model, refuse_unusable
from maagn.config import ModelSpec, Take
from maagn.errors import CheckpointError
from maagn.io import file_digest
from maagn.nn.build import Network, architecture_of
from maagn.nn.maagn import MAAGN
from maagn.published.convert import convert_state
from maagn.published.file import read_state
from maagn.published.names import ours, source_of
from maagn.train.parent import PARENTS, changes_to_become, grow

_PARTS = {
    "backbone": r"backbone\.|stem\.|layer\d\.",
    "pyramid": r"pyramid\.",
    "level fusion": r"(top_down|bottom_up|fuse)\.",
    "SDM": r"paths\.\d+\.sdm\.",
    "MTAM": r"paths\.\d+\.mtam\.",
    "AGM": r"paths\.\d+\.agm\.",
    "paths' own fusion": r"merge\.",
    "auxiliary head": r"auxiliary\.",
    "classifier": r"(heads?|fc)\.",
}
"""What tensors belong to, for people, by the beginning of their names."""

_UNIT = re.compile(
    r"(?:paths|merge|heads|pyramid\.\w+|top_down\.each|bottom_up\.each)\.\d+"
    r"|(?:top_down|bottom_up)\.fuse|auxiliary\.\w+|fuse|head|fc|backbone|stem|layer\d"
)
"""What is taken whole or not at all, by the beginning of the names of its tensors."""

_OF_LEVEL = re.compile(r"((?:paths|merge|heads|pyramid\.\w+|(?:top_down|bottom_up)\.each)\.)(\d+)")


@dataclass(frozen=True, eq=False)
class Source:
    """A network that another may begin from.

    Attributes:
        name: for people.
        digest: SHA-256 of its file, hexadecimal.
        tensors: by our names, on the CPU.
        spec: what it is; None for a ResNet for pictures, of which there is the backbone alone.
        labels: its classes, in order; None where the file does not name them.
    """

    name: str
    digest: str
    tensors: Mapping[str, Tensor]
    spec: ModelSpec | None = None
    labels: tuple[str, ...] | None = None

    def has_classes(self, labels: tuple[str, ...] | None, classes: int) -> bool:
        """Whether its classes are these, as far as names tell; else by their number."""
        if self.labels is not None and labels is not None:
            return self.labels == labels
        return self.spec is not None and self.spec.classes == classes


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
    network: Network, file: str, *, labels: tuple[str, ...] | None = None, take: Take = "all"
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
    fitting = _fitting(network, source, same)
    beginnings = architecture_of(network.spec).backbone
    backbone = {name for name in network.state_dict() if name.startswith(beginnings)}
    if not backbone <= fitting.keys():
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
    parts = Counter(map(_part, taken))
    return Start(
        digest=source.digest,
        parts=tuple(part for part in _PARTS if parts[part]),
        kept=frozenset(int(name.split(".")[1]) for name in taken if name.startswith("paths.")),
        silent=silent,
        told=tuple(_told(network, source, parts, take, same, changes)),
    )


def read_source(file: str, *, like: ModelSpec) -> Source:
    """The network in a file.

    Args:
        file: as in `begin`.
        like: says how many frames a published network sees, and whether it shifts, where its file
            cannot.

    Raises:
        UnknownModel: neither a name nor a file.
        CheckpointError: it cannot be read, or is no network that is known here.
    """
    path = find(file)
    if _is_ours(path):
        model = load_model(path)
        tensors = {name: tensor.cpu() for name, tensor in model.network.state_dict().items()}
        return Source(model.name, model.digest, tensors, model.spec, model.labels)
    state = read_state(path)
    if source_of(set(state.tensors)) != "torchvision":
        found = convert_state(state, path, frames=like.frames, shifts=like.shift)
        return Source(path.name, file_digest(path), found.tensors, found.spec)
    named = {ours(name, "torchvision"): tensor for name, tensor in state.tensors.items()}
    backbone = {
        name: tensor for name, tensor in named.items() if name and name.startswith("backbone.")
    }
    refuse_unusable(path, backbone)
    return Source(path.name, file_digest(path), backbone)


def _is_ours(path: Path) -> bool:
    """Whether to read it as one of ours; of a damaged file `load_model` says what is wrong."""
    try:
        with safe_open(path, framework="pt") as file:
            return is_described(file.metadata() or {})
    except (SafetensorError, OSError, ValueError):
        return path.suffix == ".safetensors"


def _fitting(network: Network, source: Source, same: bool) -> dict[str, Tensor]:
    """The source's tensors that take the place of the network's, by the network's names."""
    own = network.state_dict()
    given = _renamed(source, network.spec)
    units: defaultdict[str, set[str]] = defaultdict(set)
    for name in own:
        units[_unit(name)].add(name)
    return {
        name: given[name].to(own[name].dtype)
        for unit, names in units.items()
        if _reads_the_same(unit, source.spec, network.spec, same)
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


def _reads_the_same(unit: str, theirs: ModelSpec | None, own: ModelSpec, same: bool) -> bool:
    """Whether a unit means in both networks the same, whatever the shapes of its tensors."""
    if theirs is None:
        return unit == "backbone"
    if unit.startswith(("head", "fc")):
        return same and _classifies_by(theirs) == _classifies_by(own)
    if unit.startswith("auxiliary"):
        level = theirs.levels[-2:-1] == own.levels[-2:-1]
        return level and (same or unit != "auxiliary.classify")
    return True


def _classifies_by(spec: ModelSpec) -> str:
    """What the classifiers read."""
    if spec.arch in ("tsn", "tsm"):
        return "mean"
    return f"{spec.arch} {spec.votes}"


def _unit(name: str) -> str:
    match = _UNIT.match(name)
    assert match is not None, name
    return match[0]


def _part(name: str) -> str:
    return next(part for part, pattern in _PARTS.items() if re.match(pattern, name))


def _told(
    network: Network,
    source: Source,
    taken: Mapping[str, int],
    take: Take,
    same: bool,
    changes: Mapping[str, Any] | None,
) -> Iterable[str]:
    """What was taken, what is new, and whether the network begins as good as the other."""
    whole = Counter(map(_part, network.state_dict()))
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
