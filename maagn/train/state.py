"""A training run: network, optimiser, schedule and history, kept together and resumable.

Also a spec changed by words of the command line, and the running mean of the weights. What a run
begins from is in `maagn.train.start`.
"""

import csv
from copy import deepcopy
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, Protocol, get_args, get_origin, get_type_hints, runtime_checkable

import torch

from maagn.config import ModelSpec, TrainSpec
from maagn.errors import CheckpointError, ModelError, UnknownModel
from maagn.explain.attention import ALPHA
from maagn.io import atomic_write
from maagn.labels import NO_PAIRS, ClassPairs
from maagn.nn.build import PRESETS, build, presets
from maagn.nn.network import VideoNetwork
from maagn.published.file import read_plain
from maagn.suggest import closest_first
from maagn.train.masks import own_parameters
from maagn.train.objective import Objective
from maagn.train.schedule import rate
from maagn.train.start import FRESH, Start, begin


class Average:
    """Exponential moving average of weights and normalisation statistics.

    The decay grows to its value as (1 + n) / (10 + n), lest the first weights linger.

    Args:
        network: whose weights are followed; its present ones are the first.
        decay: of the mean at every step, in (0, 1).
    """

    def __init__(self, network: VideoNetwork, *, decay: float) -> None:
        self.network = deepcopy(network).requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, network: VideoNetwork) -> None:
        """Update the moving average with the weights after a step."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        mine, theirs = self.network.state_dict(), network.state_dict()
        for name, value in mine.items():
            if value.is_floating_point():
                value.lerp_(theirs[name].to(value.device), 1 - decay)
            else:  # a count
                value.copy_(theirs[name])

    def state_dict(self) -> dict[str, Any]:
        """Everything that changes during training, to be saved."""
        return {"network": self.network.state_dict(), "updates": self.updates}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore a saved state."""
        self.network.load_state_dict(state["network"])
        self.updates = state["updates"]


def changed(spec: ModelSpec, changes: tuple[tuple[str, str], ...]) -> ModelSpec:
    """The spec with those fields and options replaced, e.g. (("fusion", "sum"), ("levels", "4,5")).

    Raises:
        ModelError: no such field or option, a value that it cannot have, or the number of classes,
            which is the data's.
    """
    options = dict(spec.options)
    kinds = get_type_hints(ModelSpec) | {name: type(value) for name, value in options.items()}
    fixed = ("classes", "options")
    values: dict[str, Any] = {}
    for name, text in changes:
        if name not in kinds or name in fixed:
            known = closest_first(name, (kind for kind in kinds if kind not in fixed))
            raise ModelError(f"A network has no setting {name} to change: choose from {known}.")
        value = _value(name, text, kinds[name])
        if name in options:
            options[name] = value
        else:
            values[name] = value
    return replace(spec, **values, options=tuple(options.items()))


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


@runtime_checkable
class Stateful(Protocol):
    """Something else whose state belongs to the run's, such as the scale of float16's loss."""

    def state_dict(self) -> dict[str, Any]:
        """Everything that changes during training, to be saved."""

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Restore a saved state."""


@dataclass(eq=False)
class Run:
    """Everything that changes while a network is trained.

    Attributes:
        spec: the run's settings.
        objective: the network and its loss.
        optimizer: AdamW or SGD.
        schedule: its rate, stepped once a batch.
        average: the running mean of the weights, where there is one.
        begun: what it took from another network.
        pairs: what the run's files say of the classes.
        content: digest of which videos it is trained and validated on; empty for rendered ones.
        rows: one a finished epoch: loss, rate, validation accuracy, mean |alpha| of every gate.
        step: steps done of the epoch that is not finished.
        total: sum of their losses.
    """

    spec: TrainSpec
    objective: Objective
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LambdaLR
    average: Average | None = None
    begun: Start = FRESH
    pairs: ClassPairs = NO_PAIRS
    content: str = ""
    rows: list[dict[str, int | float]] = field(default_factory=list)
    step: int = 0
    total: float = 0.0

    @classmethod
    def start(
        cls,
        spec: TrainSpec,
        *,
        classes: int,
        labels: tuple[str, ...] | None = None,
        pairs: ClassPairs | None = None,
        content: str = "",
    ) -> "Run":
        """A run with fresh weights, or with those of `spec.start`; the caller has seeded torch.

        Args:
            spec: its settings.
            classes: number of classes of the data.
            labels: their names, in order; None takes a classifier of as many classes for theirs.
            pairs: what files say of the classes.
            content: digest of which videos it is trained and validated on.

        Raises:
            UnknownModel: no preset has that name, or no file that of the network to start from.
            ModelError: the changes make no network, or fresh weights are to be frozen.
            CheckpointError: the backbone to start from does not fit.
        """
        if spec.freeze != "none" and not spec.start:
            raise ModelError("A backbone with fresh weights is not worth freezing: give --start.")
        network = _built(model_spec(spec, classes=classes))
        begun = begin(network, spec.start, labels=labels, take=spec.take) if spec.start else FRESH
        objective = Objective(network, spec)
        optimizer = _optimizer(network, spec)
        return cls(
            spec,
            objective,
            optimizer,
            torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, spec)),
            average=Average(network, decay=spec.ema) if spec.ema else None,
            begun=begun,
            pairs=pairs or NO_PAIRS,
            content=content,
        )

    @property
    def network(self) -> VideoNetwork:
        """The weights that are validated and saved: the moving average if there is one."""
        return self.average.network if self.average else self.objective.network

    def finish_step(self, loss: float) -> None:
        """Advance the learning rate, and update the moving average."""
        self.schedule.step()
        if self.average:
            self.average.update(self.objective.network)
        self.step += 1
        self.total += loss

    def finish_epoch(self, *, validation_top1: float) -> None:
        """Write the epoch's row and go to the next."""
        row: dict[str, int | float] = {
            "epoch": len(self.rows),
            "loss": self.total / self.step,
            "validation_top1": validation_top1,
            "rate": float(self.schedule.get_last_lr()[0]),
        }
        self.rows.append(row | alphas(self.network))
        self.step, self.total = 0, 0.0

    def told(self) -> str:
        """The last epoch's numbers in one line of text."""
        row = self.rows[-1]
        return f"loss {row['loss']:.3f}, validation top-1 {row['validation_top1']:.1%}"

    def keep(self, path: Path, *, scale: Stateful) -> None:
        """Write the run's state, whole or not at all, and its rows as CSV beside it."""
        state = {name: stateful.state_dict() for name, stateful in self._parts(scale).items()}
        values: dict[str, Any] = {"rows": self.rows, "step": self.step, "total": self.total}
        values |= {"pairs": self.pairs.as_dict(), "content": self.content}
        with atomic_write(path) as part:
            torch.save(state | values | {"spec": asdict(self.spec)}, part)
        if self.rows:
            with path.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, fieldnames=list(self.rows[0]))
                writer.writeheader()
                writer.writerows(self.rows)

    def resume(self, path: Path, *, scale: Stateful) -> None:
        """Resume from the state at `path`, if there is one.

        Raises:
            ModelError: the state cannot be read, or belongs to a run with other settings or videos.
        """
        if not path.exists():
            return
        try:
            state = read_plain(path)
            # A state of an earlier version has no settings that came since.
            settings = {one.name: one.default for one in fields(TrainSpec)}
            settings |= {"take": self.spec.take} | state["spec"]  # what was taken is in the weights
            pairs, content = state.get("pairs", {}), state.get("content", self.content)
        except (CheckpointError, KeyError, TypeError) as error:
            raise ModelError(
                f"{path.name} is no state of a run: remove it to start afresh."
            ) from error
        if content != self.content:
            raise ModelError(
                f"The videos are others than when {path.name} was written: put back those that "
                "were there, or remove it to start afresh."
            )
        if settings != asdict(self.spec) or pairs != self.pairs.as_dict():
            raise ModelError(
                f"{path.name} belongs to a run with other settings: remove it to start afresh."
            )
        for name, part in self._parts(scale).items():
            part.load_state_dict(state[name])
        self.rows, self.step, self.total = state["rows"], state["step"], state["total"]

    def _parts(self, scale: Stateful) -> dict[str, Stateful]:
        network: Any = self.objective.network
        parts = {"network": network, "optimizer": self.optimizer, "schedule": self.schedule}
        return parts | {"scale": scale} | ({"average": self.average} if self.average else {})


def model_spec(spec: TrainSpec, *, classes: int) -> ModelSpec:
    """The network that a run trains, on data with that many classes.

    Raises:
        UnknownModel: no preset has that name.
        ModelError: a change that the network does not know.
    """
    known = PRESETS if spec.preset in PRESETS else presets()
    if spec.preset not in known:
        names = closest_first(spec.preset, known)
        raise UnknownModel(f"There is no preset {spec.preset}: choose from {names}.")
    return replace(changed(known[spec.preset], spec.changes), classes=classes)


def alphas(network: VideoNetwork) -> dict[str, float]:
    """Mean absolute alpha of every path's gate (Eq. 14), by column name; zero at first."""
    ending = f".{ALPHA.tap}"
    return {
        f"alpha.{name.removesuffix(ending)}": float(parameter.detach().abs().mean())
        for name, parameter in network.named_parameters()
        if name.endswith(ending)
    }


def _built(spec: ModelSpec) -> VideoNetwork:
    try:
        return build(spec)
    except (ValueError, ArithmeticError) as error:
        raise ModelError(f"These settings make no network: {error}.") from error


def _optimizer(network: VideoNetwork, spec: TrainSpec) -> torch.optim.Optimizer:
    peak, decay = spec.learning_rate, spec.weight_decay
    own = own_parameters(network) if spec.masks_rate else []
    learnt = [p for p in network.parameters() if p.requires_grad]
    others = [p for p in learnt if not any(p is one for one in own)]
    groups: list[dict[str, Any]] = [{"params": others}]
    if own:
        groups.append({"params": own, "lr": peak * spec.masks_rate, "weight_decay": 0.0})
    if spec.optimiser == "sgd":
        return torch.optim.SGD(groups, lr=peak, momentum=spec.momentum, weight_decay=decay)
    return torch.optim.AdamW(groups, lr=peak, weight_decay=decay)
