"""Which of the tensors in a file are the network's, whoever saved them and under which keys."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from maagn.errors import CheckpointError
from maagn.nn.build import architectures
from maagn.published.names import STEMS, Weights

# Where trainers keep the network's own weights: the first of these keys counts.
_USUAL = (
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "net",
    "network",
    "weights",
    "params",
    "module",
)
# Keys and prefixes of averaged weights: state_dict_ema (timm), ema_state_dict (mmengine), model_ema
# (torchvision's references), swa_model, averaged_model, params_ema ...
_AVERAGED = re.compile(r"(?:^|[._])(?:ema|swa|avg|averaged?|shadow)(?:[._]|$)", re.IGNORECASE)
# Components of names that wrappers add: DataParallel, AveragedModel, torch.compile, FSDP.
_WRAPPERS = {"module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"}
_COUNTERS = {"n_averaged", "num_updates", "steps"}  # of averaged models, beside the network
_DEEPEST = 4  # dictionaries in one another
_LISTED = 3  # names of one prefix that are listed one by one


@dataclass(frozen=True, eq=False)
class State:
    """A network's tensors, by the names that its own code gives them.

    Attributes:
        tensors: without what wrappers put before the names.
        unused: entries beside them that are no part of the network, as people are told.
        notice: a sentence about other weights in the file; empty where there are none.
    """

    tensors: dict[str, Tensor]
    unused: tuple[str, ...] = ()
    notice: str = ""


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A network in a file: the keys of the dictionary it is in, and what its names begin with."""

    keys: tuple[str, ...]
    prefix: str
    entries: dict[Any, Any]

    @property
    def name(self) -> str:
        return ".".join([*self.keys, self.prefix.rstrip(".")]).strip(".") or "the file itself"

    @property
    def averaged(self) -> bool:
        return _AVERAGED.search(".".join([*self.keys, self.prefix])) is not None

    @property
    def rank(self) -> int:
        if not self.keys:
            return -1
        return _USUAL.index(self.keys[0]) if self.keys[0] in _USUAL else len(_USUAL)


def state_of(content: Any, file: str, *, weights: Weights) -> State:  # noqa: ANN401
    """The network's tensors in what a file holds.

    Args:
        content: of the file.
        file: its name, for people.
        weights: which, where there are plain and averaged ones.

    Raises:
        CheckpointError: there are no tensors by name, not those weights, or several networks.
    """
    if not isinstance(content, dict) or not content:
        raise CheckpointError(f"{file} holds no tensors by name: give a state_dict.")
    candidates = list(_candidates(content, (), set()))
    averaged = [candidate for candidate in candidates if candidate.averaged]
    plain = [candidate for candidate in candidates if not candidate.averaged]
    if not candidates and weights == "plain":
        return State(_held(_largest(content, file), file))
    if _by_mmengine(content) and plain and averaged:
        return _by_mmengines_hook(plain, averaged, file)
    if weights == "ema" and not averaged:
        raise CheckpointError(f"{file} holds no averaged weights: leave --weights out.")
    if weights == "plain" and not plain:
        raise CheckpointError(
            f"{file} holds averaged weights alone, in {averaged[0].name}: give --weights ema."
        )
    notice = ""
    if weights == "plain" and averaged:
        notice = (
            f"{file} also holds averaged weights, in {averaged[0].name}: "
            "--weights ema takes those instead."
        )
    chosen = _one(averaged if weights == "ema" else plain, file)
    return _state(chosen, candidates, notice, file)


def _by_mmengine(content: dict[Any, Any]) -> bool:
    meta = content.get("meta")
    return "message_hub" in content or (isinstance(meta, dict) and "mmengine_version" in meta)


def _by_mmengines_hook(plain: list[_Candidate], averaged: list[_Candidate], file: str) -> State:
    """MMEngine's EMAHook exchanges the two when it saves: `state_dict` has the averaged weights.

    Its own users read `state_dict` alone, so that is taken whichever is asked for.
    """
    notice = (
        f"{file} was saved by MMEngine, which keeps the averaged weights in state_dict: "
        "these are taken."
    )
    return _state(_one(plain, file), [*plain, *averaged], notice, file)


def _stem() -> re.Pattern[str]:
    """The name of a first layer, whoever wrote it; the group is what was put before it."""
    kinds = architectures().values()
    first = [re.escape(published.first) for kind in kinds for published in kind.published]
    layers = "|".join([*STEMS, *first])
    return re.compile(rf"(?P<prefix>(?!(?:.*\.)?\w*layer\d)(?:.*?\.)??)(?:{layers})\.weight")


def _candidates(
    content: dict[Any, Any], keys: tuple[str, ...], seen: set[int]
) -> Iterator[_Candidate]:
    """Every dictionary, and every prefix in one, under which a network's first layer is."""
    if id(content) in seen or len(keys) > _DEEPEST:
        return
    seen.add(id(content))  # a file may say that a dictionary holds itself
    entries = _unwrapped(content)
    stem = _stem()
    stems = [stem.fullmatch(k) for k, v in entries.items() if isinstance(v, Tensor)]
    for prefix in dict.fromkeys(stem["prefix"] for stem in stems if stem):
        yield _Candidate(keys, prefix, entries)
    for key, value in content.items():
        if isinstance(value, dict):
            yield from _candidates(value, (*keys, str(key)), seen)


def _unwrapped(content: dict[Any, Any]) -> dict[str, Any]:
    """The entries with names, without what wrappers add to them."""
    named = {name: value for name, value in content.items() if isinstance(name, str)}
    short = [
        ".".join(part for part in name.split(".") if part not in _WRAPPERS) or name
        for name in named
    ]
    if len(set(short)) < len(short):
        return named
    return dict(zip(short, named.values(), strict=True))


def _one(candidates: list[_Candidate], file: str) -> _Candidate:
    best = min(candidate.rank for candidate in candidates)
    first = [candidate for candidate in candidates if candidate.rank == best]
    if len(first) > 1:
        names = ", ".join(one.name for one in first)
        raise CheckpointError(
            f"{file} holds several networks, {names}: save the state_dict of one by itself."
        )
    return first[0]


def _state(chosen: _Candidate, candidates: list[_Candidate], notice: str, file: str) -> State:
    inner = [
        candidate.prefix
        for candidate in candidates
        if candidate.keys == chosen.keys and len(candidate.prefix) > len(chosen.prefix)
    ]
    tensors, unused = {}, []
    copies = {f"ema_{name.replace('.', '_')}" for name in chosen.entries}  # of mmcv's EMAHook
    beside = copies | _COUNTERS
    for name, value in chosen.entries.items():
        mine = name.startswith(chosen.prefix) and not name.startswith(tuple(inner))
        if mine and isinstance(value, Tensor) and name not in beside:
            tensors[name.removeprefix(chosen.prefix)] = value
        else:
            unused.append(name)
    return State(_held(tensors, file), _told(unused), notice)


def _told(names: list[str]) -> tuple[str, ...]:
    """The names, those of one prefix together where they are many."""
    groups = Counter(re.split(r"[._]", name)[0] for name in names)
    told: dict[str, None] = {}
    for name in names:
        first = re.split(r"[._]", name)[0]
        many = groups[first] > _LISTED
        told[f"{first}... ({groups[first]} entries)" if many else name] = None
    return tuple(told)


def _largest(content: dict[Any, Any], file: str) -> dict[str, Tensor]:
    """Tensors by names that are nobody's that we know: those of the usual key, or the file's."""
    for key in _USUAL:
        if isinstance(content.get(key), dict):
            return _largest(content[key], file)
    tensors = {k: v for k, v in _unwrapped(content).items() if isinstance(v, Tensor)}
    if not tensors:
        raise CheckpointError(f"{file} holds other things than tensors: give a state_dict.")
    return tensors


def _held(tensors: dict[str, Tensor], file: str) -> dict[str, Tensor]:
    """The same tensors, each with as many numbers as it says; one may be said to be many."""
    for tensor in tensors.values():
        size = tensor.numel() * tensor.element_size()
        if tensor.layout != torch.strided or tensor.untyped_storage().nbytes() < size:
            raise CheckpointError(
                f"{file} has tensors larger than what the file holds: save copies of them."
            )
    return tensors
