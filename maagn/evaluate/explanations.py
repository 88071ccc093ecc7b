"""The rows of an explained set: masks, gates, votes and a compact map of every video."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Float32, UInt8

from maagn.checkpoint import Model
from maagn.config import Look
from maagn.data.seen import read_clips
from maagn.data.videos import Video
from maagn.errors import ClipError, ModelError, NonFinitePrediction
from maagn.evaluate.plan import Plan
from maagn.evaluate.store import EXPLANATION_ROWS, clip_columns
from maagn.explain.attention import MTAM_ANGLES, SDM, gates, masks
from maagn.explain.cam import cam
from maagn.inference import trace
from maagn.types import Clip, ForwardTrace

_TOP = 255


class ExplanationRows:
    """Explains one clip of every video, cropped as the network's own transform crops.

    Args:
        plan: of the run, with centre views of one clip.
        models: the plan's networks, in its order.

    Raises:
        ModelError: the plan asks for more views than one, for which nothing is defined.
    """

    schema = EXPLANATION_ROWS

    def __init__(self, plan: Plan, models: Sequence[Model]) -> None:
        if plan.views.count != 1 or plan.window:
            raise ModelError("Explanations are of one view of the whole video: ask for the centre.")
        self.plan = plan
        self.models = models
        self._orders = [[model.labels.index(label) for label in plan.labels] for model in models]

    def prepare(self, video: Video) -> dict[Look, Clip]:
        """The frames that the networks need.

        Raises:
            ClipError: the video cannot be read, or is too short.
        """
        return read_clips(video, {model.look for model in self.models})

    def rows(self, indices: range, videos: Sequence[Video], seen: Sequence[Any]) -> pa.Table:
        """A batch's rows, by network and then by place."""
        tables = []
        for number, model in enumerate(self.models):
            found = [self._row(number, model, clips) for clips in seen]
            columns = clip_columns(self.plan.models, number, indices, videos)
            for column in self.schema.names[len(columns) :]:
                kind = self.schema.field(column).type
                columns[column] = pa.array([row.get(column) for row in found], kind)
            tables.append(pa.table(columns, schema=self.schema))
        return pa.concat_tables(tables)

    def _row(self, number: int, model: Model, seen: dict[Look, Clip] | ClipError) -> dict[str, Any]:
        if isinstance(seen, ClipError):
            return {"reason": str(seen)}
        try:
            return self._explained(number, model, seen[model.look])
        except NonFinitePrediction as error:
            return {"reason": str(error)}

    def _explained(self, number: int, model: Model, seen: Clip) -> dict[str, Any]:
        run = trace(model, seen)
        prediction = run.prediction
        answer = int(prediction.logits.argmax())
        order = self._orders[number]
        heat = cam(model, run, answer).values
        compact, scale = _compact(heat)
        gate_responses = gates(model, run)
        return {
            "answer": order.index(answer),
            "probability": float(prediction.probabilities[answer]),
            "path_frames": [len(seconds) for seconds in run.path_seconds],
            "votes": np.ravel(prediction.path_logits[:, order]),
            **_masks(model, run),
            "gate": _joined([response.response for response in gate_responses]),
            "shares": _joined([response.shares.T.ravel() for response in gate_responses]),
            "cam": compact.ravel(),
            "cam_shape": list(heat.shape),
            "cam_scale": scale,
        }


def _masks(model: Model, run: ForwardTrace) -> dict[str, Float32[np.ndarray, " m"] | None]:
    """A mask's weights on all paths, shallow first; None where the network has none."""
    by_tap: dict[str, list[np.ndarray]] = {}
    for mask in masks(model, run):
        by_tap.setdefault(mask.name.split(".", 2)[2], []).append(mask.per_frame)
    return {mask.name: _joined(by_tap.get(mask.tap, [])) for mask in (SDM, *MTAM_ANGLES)}


def _joined(parts: Sequence[np.ndarray]) -> np.ndarray | None:
    return np.concatenate(parts).astype(np.float32) if parts else None


def _compact(
    heat: Float32[np.ndarray, "t h w"],
) -> tuple[UInt8[np.ndarray, "t h w"], float]:
    """The positive part in 255 steps of a scale: value = byte / 255 * scale."""
    scale = float(max(heat.max(), 0.0))
    if not scale:
        return np.zeros(heat.shape, np.uint8), 0.0
    return np.rint(np.clip(heat / scale, 0, 1) * _TOP).astype(np.uint8), scale
