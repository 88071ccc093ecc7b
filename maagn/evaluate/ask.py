"""Ask several models about the same rendered clips: every clip is drawn once for all of them."""

import platform
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, Protocol, runtime_checkable

import cv2
import numpy as np
import torch
from jaxtyping import Int64, UInt8
from numpy.typing import NDArray
from torch import Tensor

from maagn.checkpoint import Model
from maagn.errors import ModelError, NonFinitePrediction
from maagn.evaluate.answers import Answers, best, prefers
from maagn.evaluate.results import Origin, Results
from maagn.nn.maagn import MAAGN
from maagn.nn.tap import Recording, record
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.opposites.dataset import OppositesDataset
from maagn.opposites.split import Split
from maagn.predict import NOT_FINITE, device_of
from maagn.video.transform import normalise

_BATCH = 16
_PARTS = {"sdm": "sdm.mask", "mtam": "mtam.sum", "gate": "agm.gated"}  # column: tap of a path
Rows = dict[str, NDArray[Any]]


@runtime_checkable
class Keeper(Protocol):
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
    keeper: Keeper | None = None,
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
    keeper: Keeper | None,
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
    models: Sequence[Model], data: OppositesDataset, places: range, keeper: Keeper | None
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
    """Results have a row a clip, without room for a reason: there are none with such a network."""
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
    for column, part in _PARTS.items():
        found = _paths(taps, part)
        if found and column == "gate":
            rows[column] = np.stack([_numbers(x.abs().mean(dim=(1, 2, 3, 4))) for x in found], 1)
        elif found:
            rows[column] = np.concatenate([_numbers(x.flatten(1)) for x in found], axis=1)
    return rows


def _paths(taps: Recording, part: str) -> list[Tensor]:
    names = sorted(name for name in taps if name.startswith("paths.") and name.endswith(part))
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
            alphas = [_numbers(a.detach().flatten()) for name, a in named if name.endswith("alpha")]
            columns["alpha"] = np.concatenate(alphas)
    return Answers(model=model.name, split=split, **columns)
