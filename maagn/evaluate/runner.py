"""Several models evaluated on the same rendered clips: every clip is drawn once for all of them.

An evaluation can be stopped at any batch and resumes from there, to the same bit: every batch's
predictions are kept in a folder of their own, in full precision.
"""

import hashlib
import json
import os
import platform
import shutil
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import cv2
import numpy as np
import torch
from jaxtyping import Int64, UInt8
from numpy.typing import NDArray
from torch import Tensor

from maagn.checkpoint import CheckpointInfo, Model
from maagn.errors import EvaluationError, ModelError, NonFinitePrediction
from maagn.evaluate.predictions import Answers, best, prefers
from maagn.evaluate.results import Origin, Results, read_results, write_results
from maagn.explain.attention import ALPHA, GATE, MTAM, SDM, Quantity
from maagn.inference import NOT_FINITE, device_of
from maagn.io import atomic_write
from maagn.nn.maagn import MAAGN
from maagn.nn.taps import ActivationCache, record
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.dataset import OppositesDataset
from maagn.opposites.split import Split
from maagn.video.transform import normalise

_BATCH = 16
_TAPPED = (SDM, MTAM, GATE)
Rows = dict[str, NDArray[Any]]


@runtime_checkable
class BatchStore(Protocol):
    """Where the answers of a batch are kept, so that nobody is asked twice."""

    def load(self, model: str, places: range) -> Rows | None:
        """A batch's answers; None where it was not asked yet."""

    def store(self, model: str, places: range, rows: Rows) -> None:
        """Keep a batch's answers."""


def ask(
    models: Sequence[Model],
    *,
    split: Split = "test",
    per_class: int = 60,
    command: str = "",
    report: Callable[[int, int], None] = lambda _done, _all: None,
    keeper: BatchStore | None = None,
) -> Results:
    """Show `per_class` clips of every class of a split, forwards and in reverse, to all models.

    Args:
        models: trained on the benchmark; networks of one input size share the rendering.
        split: `val` or `test`, which training never sees.
        per_class: clips of each class.
        command: kept in the results, for people.
        report: told the clips done and all clips, a batch at a time, once for each input size.
        keeper: knows batches that were answered before, and gets those that are answered now.

    Raises:
        ModelError: a model's labels are not the benchmark's, or two models bear one name.
        NonFinitePrediction: a model's numbers are not finite for a clip; what was asked before is
            with the keeper.
    """
    _check(models)
    groups = groupby(sorted(models, key=_input_size), key=_input_size)
    found: dict[str, Answers] = {}
    for _, group in groups:
        length = per_class * len(OPPOSITES_LABELS)
        found |= _ask_group(list(group), split, length, report, keeper)
    origin = Origin(
        labels=OPPOSITES_LABELS,
        digests={model.name: model.digest for model in models},
        command=command,
        versions={
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "opencv": cv2.__version__,
        },
    )
    return Results(tuple(found[model.name] for model in models), origin)


def _check(models: Sequence[Model]) -> None:
    for model in models:
        if model.labels != OPPOSITES_LABELS:
            raise ModelError(
                f"{model.name} was not trained on the rendered opposites: choose another model."
            )
    names = [model.name for model in models]
    for name in names:
        if names.count(name) > 1:
            raise ModelError(f"Two of the models are called {name}: rename the file of one.")


def _input_size(model: Model) -> tuple[int, int, int]:
    return model.spec.frames, model.transform.resize, model.transform.crop


def _ask_group(
    models: Sequence[Model],
    split: Split,
    length: int,
    report: Callable[[int, int], None],
    keeper: BatchStore | None,
) -> dict[str, Answers]:
    frames, rendered, cropped = _input_size(models[0])
    data = OppositesDataset(split, length=length, frames=frames, rendered=rendered, cropped=cropped)
    rows: dict[str, list[Rows]] = {model.name: [] for model in models}
    for start in range(0, length, _BATCH):
        places = range(start, min(start + _BATCH, length))
        for name, found in _ask_batch(models, data, places, keeper).items():
            rows[name].append(found)
        report(places.stop, length)
    return {model.name: _collect(model, split, rows[model.name]) for model in models}


def _ask_batch(
    models: Sequence[Model], data: OppositesDataset, places: range, keeper: BatchStore | None
) -> dict[str, Rows]:
    """One batch's answers by model; clips are drawn once, and only if a model has to be asked."""
    drawn: tuple[UInt8[np.ndarray, "n t h w 3"], Rows] | None = None
    rows: dict[str, Rows] = {}
    for model in models:
        found = keeper.load(model.name, places) if keeper else None
        if found is None:
            drawn = drawn or _draw(data, places)
            clips, seen = drawn
            found = seen | _answer(model, clips, seen["truth"])
            _refuse_not_finite(model, data.split, found)
            if keeper:
                keeper.store(model.name, places, found)
        else:
            _refuse_not_finite(model, data.split, found)  # kept by an older version
        rows[model.name] = found
    return rows


def _refuse_not_finite(model: Model, split: Split, rows: Rows) -> None:
    """Raise where a network's output is not finite: result rows have no column for a reason."""
    fine = np.isfinite(rows["logits"]).all(axis=1) & rows.pop("finite_reversed", np.True_)
    if not fine.all():
        first = int(np.argmin(fine))
        label = OPPOSITES_LABELS[rows["truth"][first]]
        raise NonFinitePrediction(
            f"{model.name} {NOT_FINITE} for clip {rows['clip'][first]} of the {split} split "
            f"({label}): leave it out, or use an earlier checkpoint of it."
        )


def _draw(data: OppositesDataset, places: range) -> tuple[UInt8[np.ndarray, "n t h w 3"], Rows]:
    frames, labels = zip(*(data.get(i) for i in places), strict=True)
    indices = [data.clip(i).index for i in places]
    return np.stack(frames), {"clip": np.array(indices), "truth": np.array(labels)}


def _answer(
    model: Model, clips: UInt8[np.ndarray, "n t h w 3"], truth: Int64[np.ndarray, " n"]
) -> Rows:
    device = device_of(model)
    with torch.inference_mode():
        with record(model.network) as taps:
            forward = _numbers(model.network(normalise(clips, model.transform).to(device)))
        turned = normalise(np.ascontiguousarray(clips[:, ::-1]), model.transform)
        backward = _numbers(model.network(turned.to(device)))
    rows = {
        "answer": forward.argmax(axis=1),
        "top5": best(forward),
        "logits": forward,
        "preferred": prefers(forward, truth),
        "reversed_answer": backward.argmax(axis=1),
        "finite_reversed": np.isfinite(backward).all(axis=1),
    }
    if "votes" in taps:
        rows["votes"] = _numbers(taps["votes"])
    for quantity in _TAPPED:
        found = _paths(taps, quantity)
        if found and quantity is GATE:
            rows[quantity.name] = np.stack(
                [_numbers(x.abs().mean(dim=(1, 2, 3, 4))) for x in found], 1
            )
        elif found:
            rows[quantity.name] = np.concatenate([_numbers(x.flatten(1)) for x in found], axis=1)
    return rows


def _paths(taps: ActivationCache, quantity: Quantity) -> list[Tensor]:
    ending = f".{quantity.tap}"
    names = sorted(name for name in taps if name.startswith("paths.") and name.endswith(ending))
    return [taps[name] for name in names]


def _numbers(x: Tensor) -> NDArray[Any]:
    return x.float().cpu().numpy()


def _collect(model: Model, split: Split, rows: list[Rows]) -> Answers:
    columns: dict[str, Any] = {name: np.concatenate([r[name] for r in rows]) for name in rows[0]}
    if isinstance(model.network, MAAGN):
        spec = model.spec
        columns["path_frames"] = tuple(spec.frames // rate for rate in spec.rates)
        if "gate" in columns:
            named = model.network.named_parameters()
            alphas = [
                _numbers(alpha.detach().flatten())
                for name, alpha in named
                if name.endswith(f".{ALPHA.tap}")
            ]
            columns[ALPHA.name] = np.concatenate(alphas)
    return Answers(model=model.name, split=split, **columns)


_HERE = Path(__file__).parents[2] / "runs" / "evaluations"
FOLDER = Path(os.environ.get("MAAGN_EVALUATIONS") or _HERE)
_PLAN = "plan.json"
RESULTS = "results.parquet"


@dataclass(frozen=True)
class Plan:
    """What is evaluated; the key names its folder, so that the same plan goes on.

    Attributes:
        models: names of the networks, in the order asked for.
        digests: SHA-256 of each one's file.
        split: `val` or `test`.
        per_class: clips of each class.
        versions: of Python, torch and numpy: another version may round otherwise.
    """

    models: tuple[str, ...]
    digests: tuple[str, ...]
    split: Split
    per_class: int
    versions: tuple[str, ...]

    @classmethod
    def of(cls, cards: Sequence[CheckpointInfo], *, split: Split, per_class: int) -> "Plan":
        """The plan for these networks as their files are now."""
        return cls(
            models=tuple(card.name for card in cards),
            digests=tuple(card.digest for card in cards),
            split=split,
            per_class=per_class,
            versions=(platform.python_version(), torch.__version__, np.__version__),
        )

    @property
    def key(self) -> str:
        """Sixteen hexadecimal digits that change with anything in the plan."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]

    @property
    def clips(self) -> int:
        """How many clips there are."""
        return self.per_class * len(OPPOSITES_LABELS)

    @property
    def command(self) -> str:
        """The shell command that runs the same evaluation."""
        named = " ".join(f"--model {name}" for name in self.models)
        return f"maagn evaluate {named} --split {self.split} --per-class {self.per_class}"


@dataclass(frozen=True)
class Progress:
    """How far an evaluation is.

    Attributes:
        done: answers there are, of all networks to all clips.
        total: answers there will be.
        seconds_left: a guess from the batches asked in this go; None before the first.
    """

    done: int
    total: int
    seconds_left: float | None = None

    @property
    def part(self) -> float:
        """In [0, 1]."""
        return self.done / self.total


class EvaluationRun:
    """The batches of one plan on disk: one file per network and batch, whole or not there.

    Args:
        plan: whose answers.
        root: where evaluations are kept, a folder each; None is `FOLDER`.
    """

    def __init__(self, plan: Plan, *, root: Path | None = None) -> None:
        self.plan = plan
        self.folder = (root or FOLDER) / plan.key
        self._digests = dict(zip(plan.models, plan.digests, strict=True))

    def begin(self) -> None:
        """Make the folder, with the plan in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / _PLAN
        if not path.exists():
            with atomic_write(path) as part:
                part.write_text(json.dumps(asdict(self.plan), indent=1), encoding="utf-8")

    def load(self, model: str, places: range) -> Rows | None:
        """A batch's answers; None where it was not asked yet, or its file is damaged."""
        path = self._file(model, places)
        try:
            with np.load(path, allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            path.unlink(missing_ok=True)
            return None

    def store(self, model: str, places: range, rows: Rows) -> None:
        """Keep a batch's answers."""
        with atomic_write(self._file(model, places)) as part, part.open("wb") as file:
            np.savez(file, allow_pickle=False, **rows)

    def progress(self) -> Progress:
        """How far it is; no file is opened, each is named by its first clip and its length."""
        done = sum(int(path.stem.rsplit("-", 1)[1]) for path in self.folder.glob("*.npz"))
        return Progress(done, self.plan.clips * len(self.plan.models))

    def results(self) -> Results | None:
        """What came out; None while it is not done."""
        path = self.folder / RESULTS
        return read_results(path) if path.exists() else None

    def remove(self) -> None:
        """Delete the evaluation's folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, model: str, places: range) -> Path:
        name = f"{self._digests[model][:12]}-{places.start:06d}-{len(places)}.npz"
        return self.folder / name


def evaluations(*, root: Path | None = None) -> list[EvaluationRun]:
    """All that were begun, the latest first; folders that cannot be read are left alone."""
    found = []
    for path in sorted((root or FOLDER).glob(f"*/{_PLAN}"), key=lambda one: -one.stat().st_mtime):
        try:
            values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            lists = {k: tuple(v) for k, v in values.items() if isinstance(v, list)}
            plan = Plan(**(values | lists))
        except (AttributeError, OSError, TypeError, ValueError):
            continue
        if path.parent.name == plan.key:
            found.append(EvaluationRun(plan, root=root))
    return found


def evaluate(
    kept: EvaluationRun,
    models: Sequence[Model],
    *,
    report: Callable[[Progress], None] = lambda _progress: None,
) -> Results:
    """Ask what is missing, put it together with what is there, and write the file of results.

    Args:
        kept: of the plan.
        models: the plan's networks, in its order.
        report: told after every batch that was asked; may raise, to stop.

    Raises:
        EvaluationError: a checkpoint has changed since the evaluation was begun.
    """
    plan = kept.plan
    if tuple(model.digest for model in models) != plan.digests:
        raise EvaluationError(
            "A checkpoint has changed since this evaluation was begun: begin it anew."
        )
    if plan.versions != Plan.of(models, split=plan.split, per_class=plan.per_class).versions:
        raise EvaluationError(
            f"This evaluation was begun with Python, torch and numpy {', '.join(plan.versions)}, "
            "which are others now and may round otherwise: begin it anew."
        )
    kept.begin()
    begun, before = time.monotonic(), kept.progress().done

    def tell(_done: int, _all: int) -> None:
        now = kept.progress()
        if now.done > before:
            pace = (time.monotonic() - begun) / (now.done - before)
            report(Progress(now.done, now.total, pace * (now.total - now.done)))

    results = ask(
        models,
        split=plan.split,
        per_class=plan.per_class,
        command=plan.command,
        report=tell,
        keeper=kept,
    )
    write_results(kept.folder / RESULTS, results)
    return results
