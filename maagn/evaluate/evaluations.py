"""Evaluations that the app begins: several networks on the rendered benchmark or a registered set.

Where each clip is seen once, networks see both orders, and every clip is read or drawn once for all
networks of one input size. An evaluation has a folder of its own, and can be stopped at any batch
and gone on with, to the same bit.
"""

import hashlib
import json
import shlex
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pyarrow as pa
import torch

from maagn.checkpoint import CheckpointInfo, Model
from maagn.data.mapping import relabelled
from maagn.data.registry import Registered, find, videos_of
from maagn.data.rendered import open_opposites
from maagn.data.videos import Video, VideoSet
from maagn.errors import EvaluationError, ModelError, NonFinitePrediction, RunError
from maagn.evaluate import earlier, runner
from maagn.evaluate.plan import Plan, present_versions
from maagn.evaluate.prediction_rows import PredictionRows
from maagn.evaluate.results import Results, write_results
from maagn.evaluate.runner import Progress, run
from maagn.evaluate.runs import RENDERED, read_run, results_of
from maagn.evaluate.store import MANIFEST, RESULTS, SCHEMAS, TABLES, BatchStore, clips_stored
from maagn.inference import NOT_FINITE
from maagn.io import atomic_write
from maagn.labels import NO_PAIRS
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.split import Split
from maagn.video.views import ViewSpec


def benchmark_plan(
    models: Sequence[CheckpointInfo],
    *,
    split: Split = "test",
    per_class: int = 60,
    features: bool = False,
) -> Plan:
    """The plan for these networks as their files are now.

    Args:
        models: trained on the benchmark.
        split: `val` or `test`, which training never sees.
        per_class: clips of each class.
        features: whether the run keeps what the classifiers read.

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
    return Plan.of(
        models, videos, kind="both-orders", threads=torch.get_num_threads(), features=features
    )


def set_plan(
    models: Sequence[CheckpointInfo],
    data: Registered,
    *,
    per_class: int | None = None,
    views: ViewSpec | None = None,
    batch: int = 16,
) -> Plan:
    """The plan for these networks on a registered set; it keeps the features of every clip.

    Args:
        models: that know the set's classes.
        data: the set.
        per_class: videos of each class at most; None takes all.
        views: how often each video is seen; once, networks see both orders.
        batch: videos that are asked about together.

    Raises:
        DatasetError: a class of the set is not among the networks'.
        RegistryError: the set's list is damaged.
        RunError: two models have one name, or do not know the same classes.
        PairsError: views are mirrored, and the mirror image of a class is not known.
    """
    views = views or ViewSpec()
    pairs = data.pairs.or_else(models[0].pairs) if models else NO_PAIRS
    return replace(
        Plan.of(
            models,
            _of_set(data, per_class, models[0].labels if models else data.labels),
            kind="both-orders" if views.count == 1 else "answers",
            views=views,
            batch=batch,
            threads=torch.get_num_threads(),
            features=True,
        ),
        pairs=pairs.as_dict() or None,
    )


def _of_set(data: Registered, per_class: int | None, labels: tuple[str, ...]) -> VideoSet:
    return relabelled(videos_of(data, per_class=per_class), labels)


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
    videos = _rendered(plan)
    with TemporaryDirectory(prefix="maagn-run-") as folder:
        table = run(
            Path(folder), plan, videos, _FinitePredictions(plan, models), workers=1, report=report
        )
        return results_of(table, models, plan, videos, command)


def _rendered(plan: Plan) -> VideoSet:
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


_ASKED = "evaluation.json"  # beside the manifest: which registered set, and how much of it


class EvaluationRun:
    """A run in a folder of its own, which the app begins, shows and goes on with.

    Args:
        plan: of the run; `benchmark_plan` or `set_plan` makes it.
        data: name of the registered set; None for the rendered benchmark.
        few: videos of each class at most, of a set; None for all.
        root: where evaluations lie, a folder each; None is `maagn.evaluate.runner.FOLDER`.

    Attributes:
        plan: of the run; once it was begun, the one that it was begun with.
        data: as given.
        few: as given.
        folder: of the run.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        data: str | None = None,
        few: int | None = None,
        root: Path | None = None,
    ) -> None:
        self.plan = plan
        self.data = data
        self.few = few
        self.folder = (root or runner.FOLDER) / self.key

    @property
    def key(self) -> str:
        """Sixteen hexadecimal digits, the folder's name: the same plan goes on in the same folder.

        Threads are left out, so that an evaluation goes on, with the number that it was begun with,
        on a machine that has another number now.
        """
        said: dict[str, Any] = {
            "models": self.plan.models,
            "digests": self.plan.digests,
            "split": self.plan.split,
            "per_class": self.per_class,
            "versions": self.plan.versions,
        }
        if self.data is not None:
            said |= {"data": self.plan.data_digest, "views": asdict(self.plan.views)}
        if self.plan.features:
            said["features"] = True
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def per_class(self) -> int:
        """Clips of each class of the benchmark; of a set on the average."""
        return self.plan.clips // len(self.plan.labels)

    @property
    def command(self) -> str:
        """The shell command that runs the same evaluation; a set's folder is to be filled in."""
        named = " ".join(f"--model {shlex.quote(name)}" for name in self.plan.models)
        features = " --features" if self.plan.features else ""
        if self.data is None:
            return (
                f"maagn evaluate {named} --split {self.plan.split} --per-class {self.per_class}"
                f"{features}"
            )
        views = f" --views {self.plan.views.crops} --clips {self.plan.views.clips}"
        how = " --reversed" if self.plan.views.count == 1 else views
        return (
            f"maagn evaluate {named} --data FOLDER --split {self.plan.split}{how}{features} "
            "--out runs/NAME"
        )

    @property
    def done(self) -> bool:
        """Whether its predictions are all there."""
        made = RESULTS if self.plan.kind == "both-orders" else TABLES[self.plan.kind]
        return (self.folder / made).exists()

    def videos(self) -> VideoSet:
        """The clips, none of them opened.

        Raises:
            RegistryError: the set is not registered any more.
            DatasetError: its classes are others now.
        """
        if self.data is None:
            return _rendered(self.plan)
        return _of_set(find(self.data), self.few, self.plan.labels)

    def begin(self) -> None:
        """Make the folder, with the plan in it, or take the plan that is there.

        It may have been begun with another number of threads, and goes on with that.

        Raises:
            RunError: the plan that is there is damaged, or differs in more than threads.
        """
        if not (self.folder / MANIFEST).exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            if self.data is not None:
                with atomic_write(self.folder / _ASKED) as part:
                    part.write_text(json.dumps({"data": self.data, "few": self.few}), "utf-8")
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
        return read_run(self.folder) if self.done else None

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
        data, few = _asked(path)
        evaluation = EvaluationRun(plan, data=data, few=few, root=root)
        if path.name == evaluation.key:
            found.append(evaluation)
    return found


def _asked(folder: Path) -> tuple[str | None, int | None]:
    """The registered set of an evaluation, and how many of each class."""
    try:
        said = json.loads((folder / _ASKED).read_text("utf-8"))
        return str(said["data"]), None if said["few"] is None else int(said["few"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, None


def evaluate(
    evaluation: EvaluationRun,
    models: Sequence[Model],
    *,
    workers: int = 1,
    report: Callable[[Progress], None] = lambda _progress: None,
) -> Results:
    """Ask what is missing, put it together with what is there, and write the file of results.

    Batches of an earlier version's form are kept in the present one first.

    Args:
        evaluation: of these networks; begun, where it was not.
        models: the plan's networks, in its order.
        workers: videos that are read at a time.
        report: told after every batch that was asked; may raise, to stop.

    Raises:
        EvaluationError: a checkpoint, a library's version or the clips are others than the plan's;
            nothing is written.
        RegistryError: the set is not registered any more.
        RunError: the plan that is there is damaged, or differs in more than threads, or another
            process is at work in the folder.
        ResultsError: no clip has a class and a prediction of every network.
        NonFinitePrediction: a model's numbers are not finite for a rendered clip; the batches
            before are kept.
    """
    videos = evaluation.videos()
    _check(evaluation.plan, models, videos)
    evaluation.begin()
    plan, folder = evaluation.plan, evaluation.folder
    if (folder / earlier.PLAN).exists():
        store = BatchStore(folder, SCHEMAS[plan.kind])
        with store.held():  # let go before the run, which takes hold of the folder itself
            earlier.adopt(folder, plan, store)
    rows = (_FinitePredictions if evaluation.data is None else PredictionRows)(plan, models)
    table = run(folder, plan, videos, rows, workers=workers, report=report)
    if plan.kind == "both-orders":
        results = results_of(table, models, plan, videos, evaluation.command)
        write_results(folder / RESULTS, results)
        return results
    return read_run(folder)


def _check(plan: Plan, models: Sequence[Model], videos: VideoSet) -> None:
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
    if plan.data_digest != videos.digest:
        whose = "benchmark's" if plan.layout == RENDERED else "data set's"
        raise EvaluationError(
            f"The {whose} clips have changed since this evaluation was begun: begin it anew."
        )
