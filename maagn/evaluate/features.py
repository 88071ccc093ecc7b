"""What every layer of a network holds of a clip and of its reversal, averaged over space."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from jaxtyping import Bool, Float, Float32, Int64, UInt8
from torch import Tensor

from maagn.checkpoint import Model
from maagn.config import Look
from maagn.data.seen import read_clips
from maagn.data.videos import Video
from maagn.errors import ClipError, ModelError, NonFinitePrediction
from maagn.evaluate.plan import Plan
from maagn.evaluate.results import column_lists, column_numbers
from maagn.evaluate.store import FEATURE_ROWS, clip_columns, lists
from maagn.inference import NOT_FINITE, device_of
from maagn.nn.baselines import TPN
from maagn.nn.maagn import MAAGN, PathBlock
from maagn.nn.taps import ActivationCache, record
from maagn.types import Clip
from maagn.video.transform import normalise
from maagn.video.views import ViewSpec, views_of

LOGITS = "logits"
"""The layer of the prediction; the votes of a MAAGN's paths are `logits, path res3` and so on."""

Features = dict[str, Float[Tensor, "n _t _c"]]
"""By the layer's title, in the order in which a clip passes: a vector for each of its frames."""


def layer_features(model: Model, inputs: Float[Tensor, "n 3 t h w"]) -> Features:
    """Features of every layer, averaged over space, and logits; layers behind time have one frame.

    The layers are the backbone's stages; of each path of a MAAGN its input, what SDM and what MTAM
    make of it, and its output; of a pyramid each level, modulated, and what the heads read after
    the exchange.

    Args:
        model: the network.
        inputs: normalised clips.
    """
    network = model.network
    with torch.inference_mode(), record(network) as taps:
        logits = network(inputs)
    with torch.inference_mode():
        found = {_short(stage.tap): _pooled(taps[stage.tap]) for stage in model.stages}
        if isinstance(network, MAAGN):
            found |= _paths(network, taps)
        elif isinstance(network, TPN):
            modulated = _modulated(taps, len(network.spec.levels))
            found |= _levels(network.spec.levels, modulated)
            found["after the pyramid"] = network.after_pyramid(modulated)[:, None]
    found[LOGITS] = logits[:, None]
    return found


def _short(tap: str) -> str:
    return tap.removeprefix("backbone.")


def _paths(network: MAAGN, taps: ActivationCache) -> Features:
    levels = network.spec.levels
    found: Features = {}
    for index, level in enumerate(levels):
        block = network.paths[index]
        assert isinstance(block, PathBlock)
        x = taps[f"paths.{index}.input"]
        parts = {"input": x, **_modules(block, x), "output": taps[f"paths.{index}.output"]}
        found |= {f"path res{level}, {name}": _pooled(part) for name, part in parts.items()}
    modulated = [network.recorded(index, taps) for index in range(len(levels))]
    found |= _levels(levels, [one.level for one in modulated])
    for level, vector in zip(levels, network.after_pyramid(modulated), strict=True):
        found[f"path res{level}, after the pyramid"] = vector[:, None]
    for index, level in enumerate(levels):
        found[f"{LOGITS}, path res{level}"] = taps["votes"][:, index : index + 1]
    return found


def _modules(
    block: PathBlock, x: Float[Tensor, "n t c h w"]
) -> dict[str, Float[Tensor, "n t c h w"]]:
    """What each module of a path makes of what it is given; the fast path never computes that."""
    match block.fusion:
        case "none":
            return {}
        case "sdm":
            return {"after SDM": block.sdm(x)}
        case "mtam":
            return {"after MTAM": block.mtam(x)}
        case "sdm>mtam":
            first = block.sdm(x)
            return {"after SDM": first, "after MTAM": block.mtam(first)}
        case "mtam>sdm":
            first = block.mtam(x)
            return {"after MTAM": first, "after SDM": block.sdm(first)}
        case _:
            return {"after SDM": block.sdm(x), "after MTAM": block.mtam(x)}


def _modulated(taps: ActivationCache, levels: int) -> list[Tensor]:
    return [taps[f"pyramid.level{index}"] for index in range(levels)]


def _levels(levels: Sequence[int], modulated: Sequence[Tensor]) -> Features:
    return {
        f"pyramid, level res{level}": x.mean(dim=(3, 4)).transpose(1, 2)
        for level, x in zip(levels, modulated, strict=True)
    }


def _pooled(feature: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n t c"]:
    return feature.mean(dim=(3, 4))


class FeatureRows:
    """Shows networks every clip in both orders; a row for each network, clip and layer.

    Args:
        plan: of the run, of the kind `features`.
        models: the plan's networks, in its order.

    Raises:
        ModelError: the plan asks for more views than one, for which nothing is defined.
    """

    schema = FEATURE_ROWS

    def __init__(self, plan: Plan, models: Sequence[Model]) -> None:
        if plan.views.count != 1 or plan.window:
            raise ModelError("Features are of one view of the whole video: ask for the centre.")
        self.plan = plan
        self.models = models

    def prepare(self, video: Video) -> dict[Look, Clip]:
        """The frames that the networks need.

        Raises:
            ClipError: the video cannot be read, or is too short.
        """
        return read_clips(video, {model.look for model in self.models})

    def rows(self, indices: range, videos: Sequence[Video], seen: Sequence[Any]) -> pa.Table:
        """A batch's rows, by network, layer and index.

        Raises:
            ClipError: a video could not be read.
            NonFinitePrediction: a network's numbers are not finite for one of the clips.
        """
        for clips in seen:
            if isinstance(clips, ClipError):
                raise clips
        tables = []
        for number, model in enumerate(self.models):
            pictures = np.stack([_picture(model, clips[model.look]) for clips in seen])
            forward, backward = (
                self._features(model, shown, videos) for shown in (pictures, pictures[:, ::-1])
            )
            for layer, values in forward.items():
                columns = {
                    **clip_columns(self.plan.models, number, indices, videos),
                    "layer": pa.array([layer] * len(indices), pa.string()),
                    "frames": pa.array([values.shape[1]] * len(indices), pa.int16()),
                    "forward": _flat(values),
                    "backward": _flat(backward[layer]),
                }
                tables.append(pa.table(columns, schema=self.schema))
        return pa.concat_tables(tables)

    def _features(
        self, model: Model, pictures: UInt8[np.ndarray, "n t c c 3"], videos: Sequence[Video]
    ) -> dict[str, Float32[np.ndarray, "n _t _c"]]:
        inputs = normalise(np.ascontiguousarray(pictures), model.transform).to(device_of(model))
        found = {
            layer: values.float().cpu().numpy()
            for layer, values in layer_features(model, inputs).items()
        }
        for values in found.values():
            fine = np.isfinite(values).all(axis=(1, 2))
            if not fine.all():
                raise NonFinitePrediction(
                    f"{model.name} {NOT_FINITE} for clip {videos[int(fine.argmin())].id}: "
                    "leave it out, or use an earlier checkpoint of it."
                )
        return found


def _picture(model: Model, clip: Clip) -> UInt8[np.ndarray, "t c c 3"]:
    sampling, transform = model.look
    return views_of(clip, sampling=sampling, transform=transform, views=ViewSpec())[0][0]


def _flat(values: Float32[np.ndarray, "n t c"]) -> pa.ListArray:
    count = len(values)
    return lists(values.reshape(count, -1), list(range(count)), count, pa.float32())


@dataclass(frozen=True, eq=False)
class BothOrders:
    """One layer of one network, of every clip in both orders.

    Attributes:
        forward: of the clips as they are, averaged over space, frame by frame.
        backward: of the same frames shown in reverse, in the order in which they are shown.
        truth: class of the clips as they are.
    """

    forward: Float32[np.ndarray, "n t c"]
    backward: Float32[np.ndarray, "n t c"]
    truth: Int64[np.ndarray, " n"]

    def only(self, rows: Bool[np.ndarray, " n"]) -> "BothOrders":
        """The same of some clips."""
        return BothOrders(self.forward[rows], self.backward[rows], self.truth[rows])


def layers_of(table: Path, model: str) -> tuple[str, ...]:
    """A network's layers in a run's table, in the order in which a clip passes, logits last."""
    rows = pq.read_table(
        table, columns=["layer"], filters=[("model", "==", model), ("place", "==", 0)]
    )
    return tuple(rows["layer"].to_pylist())


def read_layer(table: Path, model: str, layer: str) -> BothOrders:
    """One layer from the table of a run, the clips in the order of the set."""
    rows = pq.read_table(table, filters=[("model", "==", model), ("layer", "==", layer)])
    frames = rows["frames"][0].as_py()
    forward, backward = (
        column_lists(rows, name).reshape(len(rows), frames, -1) for name in ("forward", "backward")
    )
    return BothOrders(forward, backward, column_numbers(rows, "label"))
