"""An evaluation that can be stopped at any batch and goes on from there, to the same bit.

Every batch's answers are kept in a folder of their own, in full precision; who asks again asks the
networks only about what is missing.
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
from pathlib import Path
from typing import Any

import numpy as np
import torch

from maagn.checkpoint import Card, Model
from maagn.errors import MaagnError
from maagn.evaluate.ask import Rows, ask
from maagn.evaluate.results import Results, read_results, write_results
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.split import Split

_HERE = Path(__file__).parents[2] / "runs" / "evaluations"
FOLDER = Path(os.environ.get("MAAGN_EVALUATIONS") or _HERE)
_PLAN = "plan.json"
RESULTS = "results.parquet"


class EvaluationError(MaagnError):
    """An evaluation that cannot be gone on with."""


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
    def of(cls, cards: Sequence[Card], *, split: Split, per_class: int) -> "Plan":
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
        """What does the same at a prompt."""
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


class Kept:
    """The batches of one plan on disk: a file a network and batch, whole or not there.

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
            part = path.with_suffix(".part")
            part.write_text(json.dumps(asdict(self.plan), indent=1), encoding="utf-8")
            part.replace(path)

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
        path = self._file(model, places)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, **rows)
        part.replace(path)

    def progress(self) -> Progress:
        """How far it is; no file is opened, each is named by its first clip and its length."""
        done = sum(int(path.stem.rsplit("-", 1)[1]) for path in self.folder.glob("*.npz"))
        return Progress(done, self.plan.clips * len(self.plan.models))

    def results(self) -> Results | None:
        """What came out; None while it is not done."""
        path = self.folder / RESULTS
        return read_results(path) if path.exists() else None

    def remove(self) -> None:
        """Forget all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _file(self, model: str, places: range) -> Path:
        name = f"{self._digests[model][:12]}-{places.start:06d}-{len(places)}.npz"
        return self.folder / name


def evaluations(*, root: Path | None = None) -> list[Kept]:
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
            found.append(Kept(plan, root=root))
    return found


def evaluate(
    kept: Kept,
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
