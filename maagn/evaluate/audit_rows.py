"""The two passes of an audit: averages over the reference clips, then what replacements do.

Both are runs like any other (`maagn.evaluate.runner`): a file a batch, resumable at each.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Float, Int, UInt8
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from maagn.checkpoint import Model
from maagn.config import Look
from maagn.data.seen import read_clips
from maagn.data.videos import Video, VideoSet
from maagn.errors import ClipError
from maagn.evaluate.attention import REPLACEMENTS, Replacement
from maagn.evaluate.plan import Plan
from maagn.evaluate.store import EFFECT_ROWS, MASK_ROWS, clip_columns
from maagn.explain.attention import GATE, MTAM, SDM
from maagn.explain.divergence import divergences
from maagn.explain.replacement import (
    QUANTITIES,
    LiveBatch,
    logits_with,
    parts,
    quantities_of,
    run_live,
)
from maagn.inference import not_finite
from maagn.io import atomic_write
from maagn.video.transform import normalise
from maagn.video.views import ViewSpec, views_of

_SEED = 19
"""Of who is whose donor."""

Pictures = dict[Look, UInt8[np.ndarray, "1 t c c 3"]]


def _pictures(video: Video, models: Sequence[Model]) -> Pictures:
    clips = read_clips(video, {model.look for model in models})
    return {
        look: views_of(clip, sampling=look[0], transform=look[1], views=ViewSpec())[0]
        for look, clip in clips.items()
    }


def _live(model: Model, seen: Sequence[Pictures]) -> LiveBatch:
    pictures = np.concatenate([one[model.look] for one in seen])
    return run_live(model, normalise(pictures, model.transform))


def _finite(live: LiveBatch) -> torch.Tensor:
    """Which clips' numbers are all finite."""
    found = torch.isfinite(live.logits).all(dim=1)
    for value in live.values.values():
        found &= torch.isfinite(value).flatten(1).all(dim=1)
    return found


class Sums:
    """Masks and gates summed over the clips of a run's batches, in one file beside them.

    No clip's gate is kept, which would be a whole feature map each. The file is written before its
    batch is, so that it is never behind; a batch that it has in it already is not added again.

    Args:
        path: of the file; a damaged one is taken for none.

    Attributes:
        stop: clips of the run that were looked at.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.stop = 0
        self._counts: dict[str, int] = {}
        self._sums: dict[str, Tensor] = {}
        try:
            with safe_open(path, framework="pt") as file:
                header = json.loads(file.metadata()["maagn"])
                self._sums = {key: file.get_tensor(key).clone() for key in file.keys()}  # noqa: SIM118
            self.stop, self._counts = int(header["stop"]), dict(header["counts"])
        except (SafetensorError, OSError, ValueError, KeyError, TypeError):
            self._sums = {}

    def add(self, indices: range, values: Mapping[str, Mapping[str, Tensor]]) -> None:
        """Add a batch, unless it is in it, and write the file.

        Args:
            indices: of the batch in the run.
            values: by model and tap, a row for each clip that counts.
        """
        if indices.stop <= self.stop:
            return
        for model, taps in values.items():
            for tap, rows in taps.items():
                key = f"{model}/{tap}"
                total = rows.cpu().double().sum(dim=0)  # some devices have no doubles
                self._sums[key] = self._sums[key] + total if key in self._sums else total
            count = len(next(iter(taps.values()))) if taps else 0
            self._counts[model] = self._counts.get(model, 0) + count
        self.stop = indices.stop
        header = json.dumps({"stop": self.stop, "counts": self._counts})
        with atomic_write(self._path) as part:
            part.write_bytes(save(self._sums, metadata={"maagn": header}))

    def count(self, model: str) -> int:
        """Clips in a model's sums."""
        return self._counts.get(model, 0)

    def total(self, model: str, tap: str) -> Tensor:
        """Sum of a tap's tensors, of double precision."""
        return self._sums[f"{model}/{tap}"]


class MaskRows:
    """Sums the masks and gates of the reference clips; its rows say which could be read.

    Args:
        plan: of the run.
        models: the plan's networks, in its order.
        sums: that are added to.
    """

    schema = MASK_ROWS

    def __init__(self, plan: Plan, models: Sequence[Model], sums: Sums) -> None:
        self._plan = plan
        self._models = models
        self._sums = sums

    def prepare(self, video: Video) -> Pictures:
        """What the networks see of a video.

        Raises:
            ClipError: the video cannot be read, or is too short.
        """
        return _pictures(video, self._models)

    def rows(self, indices: range, videos: Sequence[Video], seen: Sequence[Any]) -> pa.Table:
        """A batch's rows, by network and then by place."""
        read = [i for i, pictures in enumerate(seen) if not isinstance(pictures, ClipError)]
        tables, values = [], {}
        for number, model in enumerate(self._models):
            reasons = [str(one) if isinstance(one, ClipError) else None for one in seen]
            values[model.name] = dict[str, Tensor]()
            if read:
                live = _live(model, [seen[i] for i in read])
                fine = _finite(live)
                values[model.name] = {tap: value[fine] for tap, value in live.values.items()}
                for row in torch.nonzero(~fine).flatten().tolist():
                    reasons[read[row]] = str(not_finite(model))
            columns = clip_columns(self._plan.models, number, indices, videos)
            columns["reason"] = pa.array(reasons, pa.string())
            tables.append(pa.table(columns, schema=self.schema))
        self._sums.add(indices, values)
        return pa.concat_tables(tables)


@dataclass(frozen=True, eq=False)
class Reference:
    """The clips that averages and donors come from.

    Attributes:
        videos: their set, with the plan's class numbers.
        usable: which of them every network could be run on.
        sums: masks and gates over them, by network.
        opposite: number of each class's opposite; -1 where there is none.
        leave_one_out: they are the audited clips themselves.
    """

    videos: VideoSet
    usable: np.ndarray
    sums: Sums
    opposite: Int[np.ndarray, " k"]
    leave_one_out: bool

    @cached_property
    def _of_class(self) -> dict[int, list[int]]:
        """Numbers of the usable clips of each class."""
        found: dict[int, list[int]] = {}
        for index in np.flatnonzero(self.usable).tolist():
            label = self.videos.videos[index].label
            if label is not None:
                found.setdefault(label, []).append(index)
        return found

    def donor(self, place: int, label: int) -> Video | None:
        """A clip of that class for the clip at that place, the same at every call.

        None where there is no other clip of the class, or no such class.
        """
        if label < 0:
            return None
        chosen = self._of_class.get(label, [])
        if self.leave_one_out:
            chosen = [index for index in chosen if index != place]
        if not chosen:
            return None
        rng = np.random.default_rng([_SEED, place, label])
        return self.videos.videos[chosen[int(rng.integers(len(chosen)))]]


@dataclass(frozen=True, eq=False)
class _Seen:
    """A clip, and its donors of the same and of the opposite class; None where there is none."""

    own: Pictures
    same: Pictures | None
    opposite: Pictures | None


class EffectRows:
    """Runs every clip live and with each part replaced in each of the ways.

    A donor is run anew for its clip, so that memory holds the masks and gates of one batch, however
    large the network.

    Args:
        plan: of the run.
        models: the plan's networks, in its order.
        videos: the plan's set.
        reference: averages and donors.
    """

    schema = EFFECT_ROWS

    def __init__(
        self, plan: Plan, models: Sequence[Model], videos: VideoSet, reference: Reference
    ) -> None:
        self._plan = plan
        self._models = models
        self._reference = reference
        self._places = {video.id: place for place, video in enumerate(videos.videos)}
        self._orders = [[model.labels.index(label) for label in plan.labels] for model in models]

    def prepare(self, video: Video) -> _Seen:
        """What the networks see of a video and of its donors.

        Raises:
            ClipError: one of them cannot be read, or is too short.
        """
        assert video.label is not None  # of labelled videos alone
        place, opposite = self._places[video.id], int(self._reference.opposite[video.label])
        donors = [self._reference.donor(place, label) for label in (video.label, opposite)]
        return _Seen(
            _pictures(video, self._models),
            *(None if donor is None else _pictures(donor, self._models) for donor in donors),
        )

    def rows(self, indices: range, videos: Sequence[Video], seen: Sequence[Any]) -> pa.Table:
        """A batch's rows, by network and then by place."""
        tables = []
        for number, model in enumerate(self._models):
            rows: list[dict[str, Any]] = [
                {"reason": str(one)} if isinstance(one, ClipError) else {} for one in seen
            ]
            read = [i for i, row in enumerate(rows) if not row]
            if read:
                labels = np.array([videos[i].label for i in read])
                found = self._effects(number, model, [seen[i] for i in read], labels)
                for i, row in zip(read, found, strict=True):
                    rows[i] = row
            columns = clip_columns(self._plan.models, number, indices, videos)
            for column in self.schema.names[len(columns) :]:
                kind = self.schema.field(column).type
                columns[column] = pa.array([row.get(column) for row in rows], kind)
            tables.append(pa.table(columns, schema=self.schema))
        return pa.concat_tables(tables)

    def _effects(
        self, number: int, model: Model, seen: Sequence[_Seen], labels: Int[np.ndarray, " n"]
    ) -> list[dict[str, Any]]:
        """The columns of some clips."""
        order, asked = self._orders[number], parts(model)
        opposites = self._reference.opposite[labels]
        live = _live(model, [one.own for one in seen])
        logits = _numbers(live.logits)[:, order]
        finite = _finite(live).cpu().numpy()
        answers, preferences, drift = [], [], []
        for replacement in REPLACEMENTS:
            values, there = self._values(model, live, seen, replacement)
            if there.any():
                outcomes = logits_with(model, live, asked, values)
                replaced = [_numbers(one)[:, order] for one in outcomes]
            else:
                replaced = [logits] * len(asked)
            for one in replaced:
                finite &= np.isfinite(one).all(axis=1) | ~there
                answers.append(np.where(there, one.argmax(axis=1), -1))
                preferences.append(np.where(there, _preferred(one, labels, opposites), -1))
                drift.append(np.where(there, divergences(logits, one), np.nan))
        own = _preferred(logits, labels, opposites)
        columns = _columns(model, live)
        found: list[dict[str, Any]] = []
        for row in range(len(seen)):
            if not finite[row]:
                found.append({"reason": str(not_finite(model))})
                continue
            found.append(
                {
                    "answer": int(logits[row].argmax()),
                    "preferred": int(own[row]),
                    **{name: value[row] for name, value in columns.items()},
                    "answers": [int(one[row]) for one in answers],
                    "preferences": [int(one[row]) for one in preferences],
                    "divergences": [
                        None if np.isnan(one[row]) else float(one[row]) for one in drift
                    ],
                }
            )
        return found

    def _values(
        self, model: Model, live: LiveBatch, seen: Sequence[_Seen], replacement: Replacement
    ) -> tuple[dict[str, Tensor], np.ndarray]:
        """What takes the place of every mask and gate, and of which clips there is something."""
        everywhere = np.ones(len(seen), bool)
        match replacement:
            case "average":
                found = {tap: self._average(model, tap, own) for tap, own in live.values.items()}
                return found, everywhere
            case "off":
                return {tap: torch.zeros_like(own[:1]) for tap, own in live.values.items()}, (
                    everywhere
                )
        donors = [one.same if replacement == "same" else one.opposite for one in seen]
        rows = [row for row, donor in enumerate(donors) if donor is not None]
        there = np.isin(np.arange(len(seen)), rows)
        values = dict(live.values)
        if rows:
            theirs = _live(model, [donor for donor in donors if donor is not None]).values
            for tap, own in live.values.items():
                values[tap] = own.clone()
                values[tap][rows] = theirs[tap]
        return values, there

    def _average(self, model: Model, tap: str, own: Tensor) -> Tensor:
        """The average over the reference clips; where the clip is one of them, over the others."""
        sums = self._reference.sums
        total, count = sums.total(model.name, tap), sums.count(model.name)
        if self._reference.leave_one_out:
            average = (total - own.cpu().double()) / (count - 1)
        else:
            average = (total / count)[None]
        return average.to(own.dtype).to(own.device)


def _columns(model: Model, live: LiveBatch) -> dict[str, list[Any]]:
    """Masks, gates and what is alive in them, a row a clip."""
    paths, count = range(len(live.inputs)), len(live.logits)
    own = quantities_of(model)
    found: dict[str, list[Any]] = {}
    for quantity in QUANTITIES:
        if quantity not in own:
            continue
        values = [live.values[quantity.on(path)] for path in paths]
        if quantity is GATE:
            values = [value.abs().mean(dim=(2, 3, 4)) for value in values]
        numbers = [_numbers(value.flatten(1)) for value in values]
        found[quantity.name] = [[path[row] for path in numbers] for row in range(count)]
    for quantity in (SDM, MTAM):
        if (0, quantity.key) in live.active:
            active = [live.active[path, quantity.key].cpu().numpy() for path in paths]
            found[f"active_{quantity.name}"] = [
                [path[row] for path in active] for row in range(count)
            ]
    if live.one_hot.shape[1]:
        found["one_hot"] = list(_numbers(live.one_hot))
    return found


def _preferred(
    logits: Float[np.ndarray, "n k"],
    labels: Int[np.ndarray, " n"],
    opposites: Int[np.ndarray, " n"],
) -> Int[np.ndarray, " n"]:
    """1 where the class is more probable than its opposite, 0 where not, -1 where it has none."""
    rows = np.arange(len(labels))
    more = (logits[rows, labels] > logits[rows, opposites]).astype(np.int64)
    return np.where(opposites < 0, -1, more)


def _numbers(x: Tensor) -> Float[np.ndarray, "..."]:
    return x.float().cpu().numpy()
