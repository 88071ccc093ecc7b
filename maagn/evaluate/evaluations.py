"""Several networks evaluated on the rendered benchmark: runs in which each sees both orders.

Every clip is drawn once for all networks of one input size. An evaluation that the app begins has a
folder of its own, and can be stopped at any batch and gone on with, to the same bit.
"""

import hashlib
import json
import platform
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from numpy.typing import NDArray

from maagn.checkpoint import CheckpointInfo, Model
from maagn.data.rendered import open_opposites
from maagn.data.videos import Video, VideoSet
from maagn.errors import EvaluationError, ModelError, NonFinitePrediction, RunError
from maagn.evaluate import earlier, runner
from maagn.evaluate.plan import Plan, present_versions
from maagn.evaluate.prediction_rows import PredictionRows
from maagn.evaluate.predictions import Predictions, prefers
from maagn.evaluate.results import (
    Origin,
    Results,
    column_lists,
    column_numbers,
    read_results,
    write_results,
)
from maagn.evaluate.runner import Progress, run
from maagn.evaluate.store import MANIFEST, RESULTS, SCHEMAS, BatchStore, clips_stored
from maagn.explain.attention import ALPHA
from maagn.inference import NOT_FINITE
from maagn.nn.maagn import MAAGN
from maagn.opposites.clip import OPPOSITES_LABELS, opposite_numbers
from maagn.opposites.split import Split


def benchmark_plan(
    models: Sequence[CheckpointInfo], *, split: Split = "test", per_class: int = 60
) -> Plan:
    """The plan for these networks as their files are now.

    Args:
        models: trained on the benchmark.
        split: `val` or `test`, which training never sees.
        per_class: clips of each class.

    Raises:
        ModelError: a model's labels are not the benchmark's.
        RunError: two models have one name.
    """
    for model in models:
        if model.labels != OPPOSITES_LABELS:
            raise ModelError(
                f"{model.name} was not trained on the rendered opposites: choose another model."
            )
    videos = open_opposites(split, per_class=per_class)
    return Plan.of(models, videos, kind="both-orders", threads=torch.get_num_threads())


def ask(
    models: Sequence[Model],
    *,
    split: Split = "test",
    per_class: int = 60,
    command: str = "",
    report: Callable[[Progress], None] = lambda _progress: None,
) -> Results:
    """Show `per_class` clips of every class of a split, forwards and in reverse, to all models.

    Nothing of the run is kept but what is returned.

    Args:
        models: trained on the benchmark; networks of one input size share the rendering.
        split: `val` or `test`, which training never sees.
        per_class: clips of each class.
        command: kept in the results, for people.
        report: told after every batch; may raise, to stop.

    Raises:
        ModelError: a model's labels are not the benchmark's.
        RunError: two models have one name.
        NonFinitePrediction: a model's numbers are not finite for a clip.
    """
    plan = benchmark_plan(models, split=split, per_class=per_class)
    with TemporaryDirectory(prefix="maagn-run-") as folder:
        return _run(Path(folder), plan, models, command, report)


def _run(
    folder: Path,
    plan: Plan,
    models: Sequence[Model],
    command: str,
    report: Callable[[Progress], None],
) -> Results:
    rows = _FinitePredictions(plan, models)
    table = run(folder, plan, _videos(plan), rows, workers=1, report=report)
    origin = Origin(
        digests=dict(zip(plan.models, plan.digests, strict=True)),
        command=command,
        versions={
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "opencv": cv2.__version__,
        },
    )
    return _results_of(table, models, plan, origin)


def _results_of(table: Path, models: Sequence[Model], plan: Plan, origin: Origin) -> Results:
    """What the run's table says, in full precision."""
    rows = pq.read_table(table)
    names = rows.column("model").cast("string").to_numpy()
    predictions, opposites = [], opposite_numbers()
    for model in models:
        own = rows.filter(pa.array(names == model.name))
        n, classes = len(own), len(plan.labels)
        truth, logits = column_numbers(own, "label"), column_lists(own, "logits")
        parts = {
            name: None if own.column(name).null_count else column_lists(own, name)
            for name in ("votes", "sdm", "mtam", "gate")
        }
        votes = parts["votes"]
        predictions.append(
            Predictions(
                model=model.name,
                split=plan.split,
                labels=plan.labels,
                opposites=opposites,
                clip=column_numbers(own, "place"),
                truth=truth,
                answer=column_numbers(own, "answer"),
                top5=column_lists(own, "top5", np.int16),
                logits=logits,
                preferred=prefers(logits, truth, opposites),
                reversed_answer=column_numbers(own, "reversed_answer"),
                path_frames=_path_frames(model),
                votes=None if votes is None else votes.reshape(n, -1, classes),
                sdm=parts["sdm"],
                mtam=parts["mtam"],
                gate=parts["gate"],
                alpha=None if parts["gate"] is None else _alpha(model),
            )
        )
    return Results(tuple(predictions), origin)


def _path_frames(model: Model) -> tuple[int, ...]:
    if not isinstance(model.network, MAAGN):
        return ()
    return tuple(model.spec.frames // rate for rate in model.spec.rates)


def _alpha(model: Model) -> NDArray[np.float32]:
    """The gates' learned parameters (Eq. 14), path by path."""
    named = model.network.named_parameters()
    alphas = [alpha.detach().flatten() for name, alpha in named if name.endswith(f".{ALPHA.tap}")]
    return torch.cat(alphas).float().cpu().numpy()


def _videos(plan: Plan) -> VideoSet:
    split, per_class = cast(Split, plan.split), plan.clips // len(plan.labels)
    return open_opposites(split, per_class=per_class)


class _FinitePredictions(PredictionRows):
    """Refuses an output that is not finite: result rows have no column for a reason."""

    def rows(self, indices: range, videos: Sequence[Video], seen: Sequence[Any]) -> pa.Table:
        """The rows of a batch.

        Raises:
            NonFinitePrediction: a network's numbers are not finite for one of the clips.
        """
        table = super().rows(indices, videos, seen)
        for row in table.filter(table["reason"].is_valid()).slice(0, 1).to_pylist():
            raise NonFinitePrediction(
                f"{row['model']} {NOT_FINITE} for clip {row['place']} of the {self.plan.split} "
                f"split ({self.plan.labels[row['label']]}): leave it out, or use an earlier "
                "checkpoint of it."
            )
        return table


class EvaluationRun:
    """A run over the rendered benchmark in a folder of its own, which the app shows.

    Args:
        plan: of the run; `benchmark_plan` makes it.
        root: where evaluations lie, a folder each; None is `maagn.evaluate.runner.FOLDER`.

    Attributes:
        plan: of the run; once it was begun, the one that it was begun with.
        folder: of the run.
    """

    def __init__(self, plan: Plan, *, root: Path | None = None) -> None:
        self.plan = plan
        self.folder = (root or runner.FOLDER) / self.key

    @property
    def key(self) -> str:
        """Sixteen hexadecimal digits, the folder's name: the same plan goes on in the same folder.

        Threads are left out, so that an evaluation goes on, with the number that it was begun with,
        on a machine that has another number now.
        """
        said = {
            "models": self.plan.models,
            "digests": self.plan.digests,
            "split": self.plan.split,
            "per_class": self.per_class,
            "versions": self.plan.versions,
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def per_class(self) -> int:
        """Clips of each class."""
        return self.plan.clips // len(self.plan.labels)

    @property
    def command(self) -> str:
        """The shell command that runs the same evaluation."""
        named = " ".join(f"--model {name}" for name in self.plan.models)
        return f"maagn evaluate {named} --split {self.plan.split} --per-class {self.per_class}"

    def begin(self) -> None:
        """Make the folder, with the plan in it, or take the plan that is there.

        It may have been begun with another number of threads, and goes on with that.

        Raises:
            RunError: the plan that is there is damaged, or differs in more than threads.
        """
        if not (self.folder / MANIFEST).exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            self.plan.agree(self.folder)
            return
        begun = Plan.read(self.folder)
        replace(self.plan, threads=begun.threads).agree(self.folder)
        self.plan = begun

    def progress(self) -> Progress:
        """How far it is; no file is opened."""
        done = clips_stored(self.folder)
        if (self.folder / earlier.PLAN).exists():  # batches that `evaluate` has still to take over
            done = max(done, earlier.clips_done(self.folder, self.plan))
        return Progress(done, self.plan.clips)

    def results(self) -> Results | None:
        """What came out; None while it is not done."""
        path = self.folder / RESULTS
        return read_results(path) if path.exists() else None

    def remove(self) -> None:
        """Delete the evaluation's folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def evaluations(*, root: Path | None = None) -> list[EvaluationRun]:
    """All that were begun, the latest first; folders that cannot be read are left out."""
    folder = root or runner.FOLDER
    begun: dict[Path, float] = {}
    for name in (MANIFEST, earlier.PLAN):  # of a folder with both the earlier one tells when
        begun |= {path.parent: path.stat().st_mtime for path in folder.glob(f"*/{name}")}
    found = []
    for path in sorted(begun, key=lambda path: -begun[path]):
        try:
            if (path / MANIFEST).exists():
                plan = Plan.read(path)
            else:
                plan = earlier.read_plan(path, threads=torch.get_num_threads())
        except RunError:
            continue
        evaluation = EvaluationRun(plan, root=root)
        if path.name == evaluation.key:
            found.append(evaluation)
    return found


def evaluate(
    evaluation: EvaluationRun,
    models: Sequence[Model],
    *,
    report: Callable[[Progress], None] = lambda _progress: None,
) -> Results:
    """Ask what is missing, put it together with what is there, and write the file of results.

    Batches of an earlier version's form are kept in the present one first.

    Args:
        evaluation: of these networks; begun, where it was not.
        models: the plan's networks, in its order.
        report: told after every batch that was asked; may raise, to stop.

    Raises:
        EvaluationError: a checkpoint, a library's version or the benchmark's clips are others than
            the plan's; nothing is written.
        RunError: the plan that is there is damaged, or differs in more than threads, or another
            process is at work in the folder.
        NonFinitePrediction: a model's numbers are not finite for a clip; the batches before are
            kept.
    """
    _check(evaluation.plan, models)
    evaluation.begin()
    plan, folder = evaluation.plan, evaluation.folder
    if (folder / earlier.PLAN).exists():
        store = BatchStore(folder, SCHEMAS[plan.kind])
        with store.held():  # let go before the run, which takes hold of the folder itself
            earlier.adopt(folder, plan, store)
    results = _run(folder, plan, models, evaluation.command, report)
    write_results(folder / RESULTS, results)
    return results


def _check(plan: Plan, models: Sequence[Model]) -> None:
    """Raise `EvaluationError` unless all is as the plan says."""
    if tuple(model.digest for model in models) != plan.digests:
        raise EvaluationError(
            "A checkpoint has changed since this evaluation was begun: begin it anew."
        )
    if plan.versions != present_versions():
        raise EvaluationError(
            f"This evaluation was begun with Python, torch and numpy {', '.join(plan.versions)}, "
            "which are others now and may round otherwise: begin it anew."
        )
    if plan.data_digest != _videos(plan).digest:
        raise EvaluationError(
            "The benchmark's clips have changed since this evaluation was begun: begin it anew."
        )
