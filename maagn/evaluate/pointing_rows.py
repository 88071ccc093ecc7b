"""The rows of a run of pointing: every map of every clip, against the truth or against motion."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Float64

from maagn.checkpoint import CheckpointInfo, Model
from maagn.config import Look
from maagn.data.rendered import rendered_clip
from maagn.data.seen import read_clips
from maagn.data.videos import Video, VideoSet
from maagn.errors import ClipError, NonFinitePrediction, UnknownMethod
from maagn.evaluate.plan import Plan
from maagn.evaluate.pointing import (
    BASELINES,
    TOLERANCE,
    Truth,
    baseline_map,
    masks_seen,
    pointed,
)
from maagn.evaluate.store import POINTING_ROWS
from maagn.explain.cam import METHODS, cam, can_map
from maagn.explain.cam import layers as layers_of
from maagn.explain.combine import Source, put_together
from maagn.explain.faithfulness import (
    baseline,
    curves,
    order_of,
    probability_of,
    random_orders,
)
from maagn.explain.moments import nearest
from maagn.inference import prepare, trace
from maagn.opposites.dataset import middle_times
from maagn.opposites.masks import ClipMasks
from maagn.types import Clip, ClipTensor, Explanation, ForwardTrace

RANDOM = 4
"""Random orders that a map's is compared with."""

FUSED = tuple(
    Source(tuple(f"backbone.res{stage}" for stage in stages), fusion)
    for stages in ((3, 4), (3, 4, 5), (2, 3, 4, 5))
    for fusion in ("mean", "product")
)
"""Layers that are fused where nobody names any."""


@dataclass(frozen=True)
class Maps:
    """Which maps are measured, and how.

    Attributes:
        methods: of `maagn.explain.cam.METHODS`.
        layers: names of sources; a network is asked for those that it has.
        smoothings: frames that each is the mean of.
        deletion: whether places are deleted as well, by the map and at random.
        tolerance: of the pointing game, as a share of the picture's side.
    """

    methods: tuple[str, ...]
    layers: tuple[str, ...]
    smoothings: tuple[int, ...] = (1, 3)
    deletion: bool = False
    tolerance: float = TOLERANCE

    @classmethod
    def of(
        cls,
        models: Sequence[CheckpointInfo],
        *,
        methods: Sequence[str] = (),
        layers: Sequence[str] = (),
        smoothings: Sequence[int] = (1, 3),
        deletion: bool = False,
    ) -> "Maps":
        """Those that were asked for; of what was not, all that there is.

        Raises:
            UnknownMethod: no such method; a layer that none of the networks has; a mean of an even
                number of frames.
        """
        for method in methods:
            if method not in METHODS:
                raise UnknownMethod(
                    f"There is no CAM method {method}: choose from {', '.join(METHODS)}."
                )
        for frames in smoothings:
            if frames < 1 or frames % 2 == 0:
                raise UnknownMethod(
                    f"A frame cannot be smoothed to the mean of {frames}: give an odd number."
                )
        for name in layers:
            if not any(can_map(model, name) for model in models):
                known = dict.fromkeys(tap for model in models for tap in layers_of(model))
                raise UnknownMethod(
                    f"None of the networks has {name}: choose from {', '.join(known)}."
                )
        return cls(
            methods=tuple(dict.fromkeys(methods)) or tuple(METHODS),
            layers=tuple(dict.fromkeys(layers)) or _all_layers(models),
            smoothings=tuple(dict.fromkeys(smoothings)),
            deletion=deletion,
        )

    def as_dict(self) -> dict[str, Any]:
        """As a plan keeps it."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Maps":
        """What `as_dict` gave."""
        lists = {name: tuple(v) for name, v in values.items() if isinstance(v, list)}
        return cls(**(values | lists))


def _all_layers(models: Sequence[CheckpointInfo]) -> tuple[str, ...]:
    taps = dict.fromkeys(tap for model in models for tap in sorted(layers_of(model)))
    fused = [one.name for one in FUSED if any(can_map(model, one.name) for model in models)]
    return (*taps, *fused)


class PointingRows:
    """Measures the maps of the class that each network predicts, on one clip of every video.

    Args:
        plan: of the run, of the kind `pointing`.
        videos: the plan's set.
        models: the plan's networks, in its order.
    """

    schema = POINTING_ROWS

    def __init__(self, plan: Plan, videos: VideoSet, models: Sequence[Model]) -> None:
        assert plan.maps is not None
        self.plan = plan
        self.videos = videos
        self.models = models
        self.maps = Maps.from_dict(plan.maps)
        self._sources = [Source.parse(name) for name in self.maps.layers]
        self._orders = [[model.labels.index(label) for label in plan.labels] for model in models]

    def prepare(self, video: Video) -> dict[Look, Clip]:
        """The frames that the networks need.

        Raises:
            ClipError: the video cannot be read, or is too short.
        """
        return read_clips(video, {model.look for model in self.models})

    def rows(self, indices: range, videos: Sequence[Video], seen: Sequence[Any]) -> pa.Table:
        """A batch's rows, by network and then by place; one of a video that cannot be read."""
        found: list[dict[str, Any]] = []
        truths: dict[Look, dict[int, Truth]] = {}
        for number, model in enumerate(self.models):
            if model.look not in truths:
                truths[model.look] = self._truths(model, indices, seen)
            for index, video, clips in zip(indices, videos, seen, strict=True):
                about = {
                    "model": self.plan.models[number],
                    "place": index,
                    "id": video.id,
                    "label": video.label,
                }
                if isinstance(clips, ClipError):
                    found.append(about | {"reason": str(clips)})
                    continue
                try:
                    rows = list(self._measured(number, index, clips, truths[model.look]))
                    found.extend(about | row for row in rows)
                except NonFinitePrediction as error:
                    found.append(about | {"reason": str(error)})
        return pa.Table.from_pylist(found, schema=self.schema)

    def _measured(
        self,
        number: int,
        index: int,
        clips: dict[Look, Clip],
        truths: dict[int, Truth],
    ) -> Iterator[dict[str, Any]]:
        model = self.models[number]
        run = trace(model, clips[model.look], grad_from_stage=2)
        truth, other = truths[index], _next(truths, index)
        answer = run.prediction.best
        about = {
            "answer": self._orders[number].index(answer),
            **{f"area_{part}": truth.area(part) for part in truth.masks},
        }
        for name in BASELINES:
            form = {"method": name, "layer": "", "smoothing": 1}
            yield about | form | self._row(baseline_map(name, run.clip), run.clip, truth, other)
        measured = list(self._maps(model, run, answer))
        maps = [found for _, found in measured] if self.maps.deletion else []
        deleted = _deleted(model, run, answer, maps, seed=index) or [{}] * len(measured)
        for (form, found), areas in zip(measured, deleted, strict=True):
            yield about | form | self._row(found, run.clip, truth, other) | areas

    def _maps(
        self, model: Model, run: ForwardTrace, target: int
    ) -> Iterator[tuple[dict[str, Any], Explanation]]:
        sources = [source for source in self._sources if can_map(model, source.name)]
        taps = dict.fromkeys(tap for source in sources for tap in source.layers)
        cams = {
            (tap, method): cam(model, run, target, method=method, layer=tap)
            for tap in taps  # outermost: a run keeps the gradients of few layers
            for method in self.maps.methods
        }
        for source, method in product(sources, self.maps.methods):
            own = [cams[tap, method] for tap in source.layers]
            for frames in self.maps.smoothings:
                about = {"method": method, "layer": source.name, "smoothing": frames}
                yield about, put_together(own, source, smoothing=frames)

    def _row(
        self, found: Explanation, inputs: ClipTensor, truth: Truth, other: Truth | None
    ) -> dict[str, float | bool | None]:
        at = pointed(found, inputs, truth, other=other, tolerance=self.maps.tolerance)
        row: dict[str, float | bool | None] = {"blank": not (found.values > 0).any()}
        for part, one in at.items():
            row |= {f"{name}_{part}": value for name, value in asdict(one).items()}
        return row

    def _truths(self, model: Model, indices: range, seen: Sequence[Any]) -> dict[int, Truth]:
        """Of every clip that can be read."""
        return {
            index: Truth.of(prepare(model, clips[model.look]), self._masks(model, index))
            for index, clips in zip(indices, seen, strict=True)
            if not isinstance(clips, ClipError)
        }

    def _masks(self, model: Model, index: int) -> ClipMasks | None:
        clip = rendered_clip(self.videos, index)
        if clip is None:
            return None
        times = middle_times(model.spec.frames)
        return masks_seen(clip, model, times=times, size=model.transform.resize)


def _next(truths: dict[int, Truth], index: int) -> Truth | None:
    """Of the next clip of the batch in which the same is known, after the last the first."""
    numbers = [n for n in truths if n > index] + [n for n in truths if n < index]
    parts = set(truths[index].masks)
    return next((truths[n] for n in numbers if parts <= set(truths[n].masks)), None)


def _deleted(
    model: Model, run: ForwardTrace, target: int, cams: Sequence[Explanation], *, seed: int
) -> list[dict[str, float]]:
    """Areas under the curves of each map; maps of one grid share the random orders."""
    by_grid = defaultdict(list)
    for number, values in enumerate(one.values for one in cams):
        by_grid[values.shape].append(number)
    found: dict[int, dict[str, float]] = {}
    pictures, score = run.clip.pictures, probability_of(model, target)
    for grid, numbers in by_grid.items():
        own = [order_of(cams[number], unit="cells", seed=seed) for number in numbers]
        noise = random_orders(RANDOM, of=int(np.prod(grid)), seed=seed)
        areas = curves(
            score,
            pictures,
            baseline(pictures),
            np.stack([*own, *noise]),
            grid=grid,
            frame_of=nearest(cams[numbers[0]].seconds, to=run.clip.seconds),
        )
        random = {
            "deletion_random": _mean(areas.deletion_areas[len(own) :]),
            "insertion_random": _mean(areas.insertion_areas[len(own) :]),
        }
        for row, number in enumerate(numbers):
            curve = {
                "deletion": float(areas.deletion_areas[row]),
                "insertion": float(areas.insertion_areas[row]),
            }
            found[number] = curve | random
    return [found[number] for number in range(len(cams))]


def _mean(values: Float64[np.ndarray, " n"]) -> float:
    return float(values.mean())
