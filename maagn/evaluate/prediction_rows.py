"""The rows of an evaluation: what each network predicts for each video."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Bool, UInt8
from numpy.typing import NDArray
from torch import Tensor

from maagn.checkpoint import Model
from maagn.config import Look, SamplingSpec
from maagn.data.seen import read_clips
from maagn.data.videos import Video
from maagn.errors import ClipError, ModelError
from maagn.evaluate.plan import Plan
from maagn.evaluate.predictions import best
from maagn.evaluate.store import FEATURES_COLUMN, SCHEMAS, clip_columns, lists
from maagn.explain.attention import GATE, MTAM, SDM
from maagn.explain.divergence import divergences
from maagn.inference import device_of, not_finite
from maagn.nn.taps import record
from maagn.video.transform import normalise
from maagn.video.views import merge_views, views_of

Seen = dict[Look, tuple[UInt8[np.ndarray, "v t c c 3"], Bool[np.ndarray, " v"]]]
_TAPPED = (SDM, MTAM, GATE)
_HALF = float(np.finfo(np.float16).max)  # of a feature; larger ones would be infinite there


def schema_of(plan: Plan) -> pa.Schema:
    """The columns of a run's predictions."""
    schema = SCHEMAS[plan.kind]
    return schema.append(FEATURES_COLUMN) if plan.features else schema


class PredictionRows:
    """Asks networks about videos; logits are the mean of the views', in the run's class order.

    A plan of the kind `both-orders` shows the same frames in reverse as well, and keeps what the
    network's parts did when they were shown forwards. A plan with features keeps what the
    classifiers read of these frames, too, or the mean of the last stage where there are none: the
    mean over the views, in half precision.

    Args:
        plan: of the run.
        models: the plan's networks, in its order.

    Raises:
        ModelError: the plan asks for both orders and for more views than one, for which nothing is
            defined.
    """

    def __init__(self, plan: Plan, models: Sequence[Model]) -> None:
        self._both = plan.kind == "both-orders"
        if self._both and plan.views.count != 1:
            raise ModelError("Both orders are shown of one view: ask for the centre.")
        self.schema = schema_of(plan)
        self.plan = plan
        self.models = models
        self._orders = [[model.labels.index(label) for label in plan.labels] for model in models]

    def prepare(self, video: Video) -> Seen:
        """Everything that the networks see of a video.

        Raises:
            ClipError: the video cannot be read, or is too short.
        """
        views = self.plan.views
        clips = read_clips(video, {self._look(model) for model in self.models}, views=views)
        return {
            look: views_of(clip, sampling=look[0], transform=look[1], views=views)
            for look, clip in clips.items()
        }

    def rows(self, indices: range, videos: Sequence[Video], seen: Sequence[Any]) -> pa.Table:
        """The rows of a batch, by network and then by index.

        Args:
            indices: of the videos in the set.
            videos: these.
            seen: what `prepare` gave for each, or its error.
        """
        read = [i for i, views in enumerate(seen) if not isinstance(views, ClipError)]
        unread = [str(views) if isinstance(views, ClipError) else None for views in seen]
        tables = []
        for number, model in enumerate(self.models):
            values = self._predicted(number, [seen[i][self._look(model)] for i in read])
            fine = np.ones(len(read), bool)
            for name in ("logits", "reversed"):
                if name in values:
                    fine &= np.isfinite(values[name]).all(axis=1)
            predicted = [read[row] for row in np.flatnonzero(fine)]
            missing = set(read) - set(predicted)
            reasons = [
                str(not_finite(model)) if i in missing else reason
                for i, reason in enumerate(unread)
            ]
            values = {name: value[fine] for name, value in values.items()}
            if "reversed" in values:
                backwards = values.pop("reversed")
                values["reversed_answer"] = backwards.argmax(axis=1)
                found = divergences(values["logits"], backwards)
                values["divergence"] = found.astype(np.float32)
            tables.append(prediction_table(self.plan, number, indices, videos, values, reasons))
        return pa.concat_tables(tables)

    def _look(self, model: Model) -> Look:
        return SamplingSpec(model.spec.frames, window=self.plan.window), model.transform

    def _predicted(
        self,
        number: int,
        seen: Sequence[tuple[UInt8[np.ndarray, "v t c c 3"], Bool[np.ndarray, " v"]]],
    ) -> dict[str, NDArray[Any]]:
        """`logits`, `features`; of both orders `reversed`, logits too, and columns of the parts."""
        if not seen:
            return {"logits": np.empty((0, len(self.plan.labels)), np.float32)}
        model, order = self.models[number], self._orders[number]
        pictures = np.concatenate([views for views, _ in seen])
        outputs, parts = self._forward(
            model, pictures, parts=self._both, features=bool(self.plan.features)
        )
        views = outputs.view(len(seen), self.plan.views.count, -1)
        merged = [
            merge_views(video, flipped, model.labels, model.relations)
            for video, (_, flipped) in zip(views, seen, strict=True)
        ]
        values = {"logits": torch.stack(merged).numpy()[:, order]}
        if "features" in parts:
            features = parts.pop("features").reshape(len(seen), self.plan.views.count, -1)
            values["features"] = features.mean(axis=1).clip(-_HALF, _HALF).astype(np.float16)
        if self._both:
            backwards, _ = self._forward(model, pictures[:, ::-1], parts=False)
            values["reversed"] = backwards.numpy()[:, order]
            if "votes" in parts:
                votes = parts.pop("votes")
                values["votes"] = votes[:, :, order].reshape(len(votes), -1)
            values |= parts
        return {name: np.ascontiguousarray(value) for name, value in values.items()}

    def _forward(
        self,
        model: Model,
        pictures: UInt8[np.ndarray, "n t c c 3"],
        *,
        parts: bool,
        features: bool = False,
    ) -> tuple[Tensor, dict[str, NDArray[Any]]]:
        """Logits of every view and, if asked for, parts and features; `batch` views at a time."""
        device = device_of(model)
        logits: list[Tensor] = []
        tapped: list[dict[str, NDArray[Any]]] = []
        for start in range(0, len(pictures), self.plan.batch):
            shown = np.ascontiguousarray(pictures[start : start + self.plan.batch])
            inputs = normalise(shown, model.transform).to(device)
            listening: AbstractContextManager[Mapping[str, Tensor]]
            listening = record(model.network) if parts else nullcontext({})
            with (
                torch.inference_mode(),
                torch.autocast(
                    device.type, torch.bfloat16, enabled=self.plan.precision == "bf16-mixed"
                ),
            ):
                stages = model.network.forward_features(inputs)
                with listening as taps:
                    output = model.network.forward_head(stages)
                read = _read(model, stages) if features else ()
            logits.append(output.float().cpu())
            tapped.append(_parts(taps))
            if read:
                tapped[-1]["features"] = np.concatenate([_numbers(x) for x in read], axis=1)
        return torch.cat(logits), {
            name: np.concatenate([batch[name] for batch in tapped]) for name in tapped[0]
        }


def _read(model: Model, stages: dict[int, Tensor]) -> tuple[Tensor, ...]:
    """What the classifiers read; of a network without any, its last stage's mean."""
    return model.network.head_inputs(stages) or (stages[5].mean(dim=(1, 3, 4)),)


def _parts(taps: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    """Votes, and what masks and gates of all paths did, shallow path first; what there is."""
    found = {"votes": _numbers(taps["votes"])} if "votes" in taps else {}
    for quantity in _TAPPED:
        ending = f".{quantity.tap}"
        tapped = sorted(
            name for name in taps if name.startswith("paths.") and name.endswith(ending)
        )
        values = [taps[name] for name in tapped]
        if values and quantity is GATE:
            means = [_numbers(x.abs().mean(dim=(1, 2, 3, 4))) for x in values]
            found[quantity.name] = np.stack(means, axis=1)
        elif values:
            frames = [_numbers(x.flatten(2).mean(dim=2)) for x in values]
            found[quantity.name] = np.concatenate(frames, axis=1)
    return found


def _numbers(x: Tensor) -> NDArray[Any]:
    return x.float().cpu().numpy()


def prediction_table(
    plan: Plan,
    number: int,
    indices: range,
    videos: Sequence[Video],
    values: Mapping[str, NDArray[Any]],
    reasons: Sequence[str | None],
) -> pa.Table:
    """The rows of one network and batch.

    Args:
        plan: of the run.
        number: of the network in the plan.
        indices: of the videos in the set.
        videos: these.
        values: a row for each video that has no reason: `logits`, (n, k), and other columns of the
            plan's kind, (n,) or (n, m); a column that is not given is null.
        reasons: why a video has no prediction; None where it has one.
    """
    read = [i for i, reason in enumerate(reasons) if reason is None]
    logits, count = values["logits"], len(indices)
    top = best(logits)
    odds = torch.from_numpy(logits).double().softmax(dim=1).amax(dim=1).float().numpy()
    columns: dict[str, pa.Array] = {
        **clip_columns(plan.models, number, indices, videos),
        "answer": _spread(top[:, 0], read, count, pa.int16()),
        "probability": _spread(odds, read, count, pa.float32()),
        "top5": lists(top, read, count, pa.int16()),
        "logits": lists(logits, read, count, pa.float32()),
        "reason": pa.array(reasons, pa.string()),
    }
    schema = schema_of(plan)
    for name in schema.names:
        kind = schema.field(name).type
        if name in columns:
            continue
        if name not in values:
            columns[name] = pa.nulls(count, kind)
        elif values[name].ndim == 1:
            columns[name] = _spread(values[name], read, count, kind)
        else:
            columns[name] = lists(values[name], read, count, kind.value_type)
    return pa.table(columns, schema=schema)


def _spread(values: NDArray[Any], read: list[int], count: int, kind: pa.DataType) -> pa.Array:
    """The values at the rows that were read, null elsewhere."""
    found: list[Any] = [None] * count
    for row, value in zip(read, values.tolist(), strict=True):
        found[row] = value
    return pa.array(found, kind)
