"""The rows of an evaluation: what each network answers about each video."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Bool, Float32, UInt8
from numpy.typing import NDArray

from maagn.checkpoint import Model
from maagn.config import SamplingSpec, TransformSpec
from maagn.data.read import read_video
from maagn.data.videos import Video
from maagn.errors import ClipError
from maagn.evaluate.predictions import best
from maagn.inference import device_of, not_finite
from maagn.runs.explanations import lists, names
from maagn.runs.plan import Plan
from maagn.runs.shards import ANSWER_ROWS
from maagn.video.transform import normalise
from maagn.video.views import merge_views, views_of

Eye = tuple[SamplingSpec, TransformSpec]
Seen = dict[Eye, tuple[UInt8[np.ndarray, "v t c c 3"], Bool[np.ndarray, " v"]]]


class Answering:
    """Asks networks about videos; logits are the mean of the views', in the run's class order.

    Args:
        plan: of the run.
        models: the plan's networks, in its order.
    """

    schema = ANSWER_ROWS

    def __init__(self, plan: Plan, models: Sequence[Model]) -> None:
        self.plan = plan
        self.models = models
        self._orders = [[model.labels.index(label) for label in plan.labels] for model in models]

    def prepare(self, video: Video) -> Seen:
        """Everything that the networks see of a video.

        Raises:
            ClipError: the video cannot be read, or is too short.
        """
        views = self.plan.views
        eyes = {self._eye(model) for model in self.models}
        samplings = sorted({each for one, _ in eyes for each in views.samplings(one)})
        clip = read_video(video, samplings=samplings)
        return {eye: views_of(clip, sampling=eye[0], transform=eye[1], views=views) for eye in eyes}

    def rows(self, places: range, videos: Sequence[Video], seen: Sequence[Any]) -> pa.Table:
        """A batch's rows, by network and then by place.

        Args:
            places: of the videos in the set.
            videos: these.
            seen: what `prepare` gave for each, or its error.
        """
        read = [i for i, one in enumerate(seen) if not isinstance(one, ClipError)]
        unread = [str(one) if isinstance(one, ClipError) else None for one in seen]
        tables = []
        for number, model in enumerate(self.models):
            logits = np.empty((0, len(self.plan.labels)), np.float32)
            if read:
                logits = self._logits(model, [seen[i][self._eye(model)] for i in read])
                logits = np.ascontiguousarray(logits[:, self._orders[number]])
            fine = np.isfinite(logits).all(axis=1)
            answered = [read[row] for row in np.flatnonzero(fine)]
            missing = set(read) - set(answered)
            reasons = [
                str(not_finite(model)) if i in missing else one for i, one in enumerate(unread)
            ]
            tables.append(self._table(number, places, videos, reasons, answered, logits[fine]))
        return pa.concat_tables(tables)

    def _eye(self, model: Model) -> Eye:
        return SamplingSpec(model.spec.frames, window=self.plan.window), model.transform

    def _logits(
        self,
        model: Model,
        seen: Sequence[tuple[UInt8[np.ndarray, "v t c c 3"], Bool[np.ndarray, " v"]]],
    ) -> Float32[np.ndarray, "n k"]:
        """The mean over the views; the network gets `batch` views at a time."""
        device = device_of(model)
        pictures = np.concatenate([one for one, _ in seen])
        parts = []
        for start in range(0, len(pictures), self.plan.batch):
            inputs = normalise(pictures[start : start + self.plan.batch], model.transform)
            with (
                torch.inference_mode(),
                torch.autocast(
                    device.type, torch.bfloat16, enabled=self.plan.precision == "bf16-mixed"
                ),
            ):
                parts.append(model.network(inputs.to(device)).float().cpu())
        views = torch.cat(parts).view(len(seen), self.plan.views.count, -1)
        merged = [
            merge_views(one, flipped, model.labels, model.relations)
            for one, (_, flipped) in zip(views, seen, strict=True)
        ]
        return torch.stack(merged).numpy()

    def _table(
        self,
        number: int,
        places: range,
        videos: Sequence[Video],
        reasons: Sequence[str | None],
        read: list[int],
        logits: Float32[np.ndarray, "n k"],
    ) -> pa.Table:
        top = best(logits)
        odds = torch.from_numpy(logits).double().softmax(dim=1).amax(dim=1).float().numpy()
        count = len(places)
        columns: dict[str, pa.Array] = {
            "model": names(self.plan.models, number, count),
            "place": pa.array(places, pa.int32()),
            "id": pa.array([video.id for video in videos], pa.string()),
            "label": pa.array([video.label for video in videos], pa.int16()),
            "answer": _spread(top[:, 0], read, count, pa.int16()),
            "probability": _spread(odds, read, count, pa.float32()),
            "top5": lists(top, read, count, pa.int16()),
            "logits": lists(logits, read, count, pa.float32()),
            "reason": pa.array(reasons, pa.string()),
        }
        return pa.table(columns, schema=self.schema)


def _spread(values: NDArray[Any], read: list[int], count: int, kind: pa.DataType) -> pa.Array:
    """The values at the places that were read, null elsewhere."""
    found: list[Any] = [None] * count
    for place, value in zip(read, values.tolist(), strict=True):
        found[place] = value
    return pa.array(found, kind)
