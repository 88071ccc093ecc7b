"""Everything that is known about one run, as values and as JSON: prediction, evidence, one map."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float, Float32

from maagn.checkpoint import CheckpointInfo, Model
from maagn.errors import UnknownTarget
from maagn.explain.attention import MASKS, MTAM, MTAM_ANGLES, SDM, GateResponse, gates, masks
from maagn.explain.cam import FIRST_LAYER, FIRST_METHOD, cam, grad_from_stage
from maagn.explain.combine import Source
from maagn.inference import refuse_not_finite
from maagn.inference import trace as run
from maagn.shown import percent, plural, shortened
from maagn.suggest import closest, same
from maagn.types import Clip, ClipTensor, Explanation, ForwardTrace, Prediction
from maagn.video.content import content_notices

Json = dict[str, Any]
DIGITS = 6
"""Significant digits of every number: nearly what float32 holds."""


def rounded(value: Any) -> Any:  # noqa: ANN401 - numbers in any nesting
    """Numbers, alone or nested in arrays, lists and mappings, to six significant digits."""
    match value:
        case np.ndarray():
            return rounded(value.tolist())
        case list():
            return [rounded(one) for one in value]
        case dict():
            return {key: rounded(one) for key, one in value.items()}
        case _:
            return float(f"{float(value):.{DIGITS}g}")


def section_record(clip: Clip) -> Json:
    """Which part of a film a clip is; nothing of a whole one."""
    if clip.section is None:
        return {}
    film = None if clip.film_seconds is None else rounded(clip.film_seconds)
    start, end = rounded([clip.section.start, clip.section.end])
    return {"section": {"start": start, "end": end, "film_seconds": film}}


def prediction_record(prediction: Prediction) -> Json:
    """The five best classes, and all of them in the order of the logits."""
    return {
        "top": _top(prediction.labels, prediction.probabilities),
        "labels": list(prediction.labels),
        "probabilities": rounded(prediction.probabilities),
        "logits": rounded(prediction.logits),
    }


def path_records(
    model: CheckpointInfo,
    inputs: ClipTensor,
    prediction: Prediction,
    *,
    masks: Sequence[Explanation],
    gates: Sequence[GateResponse],
) -> list[Json]:
    """What each path saw, weighed and voted, shallow path first; a module it lacks is null.

    A mask is one number per frame. Where it is made of channels these are their means, and
    `channels` has the masks themselves, frame by channel.
    """
    values = {mask.name: rounded(mask.per_frame) for mask in masks}
    channels = {mask.name: rounded(mask.values) for mask in masks if "channel" in mask.axes}
    gate = {one.path: _gate(one) for one in gates}
    records = []
    for index, votes in enumerate(prediction.path_probabilities):
        mtam = {mask.key: values.get(mask.on(index)) for mask in (*MTAM_ANGLES, MTAM)}
        of_channels = {m.name: channels[m.on(index)] for m in MASKS if m.on(index) in channels}
        records.append(
            {
                "path": index,
                "level": model.spec.levels[index],
                "rate": model.spec.rates[index],
                "seconds": rounded(inputs.seconds[:: model.spec.rates[index]]),
                "sdm": values.get(SDM.on(index)),
                "mtam": mtam if any(mtam.values()) else None,
                "agm": gate.get(index),
                **({"channels": of_channels} if of_channels else {}),
                "vote": _top(prediction.labels, votes),
            }
        )
    return records


def cam_record(cam: Explanation) -> Json:
    """A class activation map with what it is about, raw."""
    return {
        "method": cam.about["method"],
        "layer": cam.about["layer"],
        "target": cam.about["class"],
        "against": cam.about["against"],
        "pooling": cam.about["pooling"],
        "unit": cam.unit,
        "axes": list(cam.axes),
        "shape": list(cam.values.shape),
        "seconds": rounded(cam.seconds),
        "min": rounded(cam.values.min()),
        "max": rounded(cam.values.max()),
        "values": rounded(cam.values),
    }


def _gate(gate: GateResponse) -> Json:
    names = ("spatial", "temporal", "gate")
    return {
        "alpha": rounded(gate.alpha),
        "response": rounded(gate.response),
        "shares": {name: rounded(row) for name, row in zip(names, gate.shares, strict=True)},
        "silent": gate.silent,
    }


def _top(labels: Sequence[str], probabilities: Float[np.ndarray, " k"]) -> list[Json]:
    order = np.argsort(-probabilities, kind="stable")[:5]
    return [{"label": labels[i], "probability": rounded(probabilities[i])} for i in order]


SCHEMA = "maagn-explanation-1"


@dataclass(frozen=True, eq=False)
class Report:
    """One model's answer about one clip, and what it rests on.

    Attributes:
        model: the network that answered, without its weights.
        clip: the clip it was asked about.
        inputs: what the network saw of the clip.
        prediction: probabilities, and each path's vote.
        target: the class that `cam` is about.
        against: the class that `target` is set against; None for the class by itself.
        masks: SDM's and MTAM's of every path; empty for networks without.
        gates: AGM's of every path; empty for networks without.
        cam: where and when the evidence is; raw, signed.
    """

    model: CheckpointInfo
    clip: Clip
    inputs: ClipTensor
    prediction: Prediction
    target: int
    against: int | None
    masks: tuple[Explanation, ...]
    gates: tuple[GateResponse, ...]
    cam: Explanation

    @property
    def label(self) -> str:
        """The class that is explained."""
        return self.model.labels[self.target]

    @property
    def map_layer(self) -> str:
        """Of which layer or layers `cam` is, for people, e.g. `res3 times res4`."""
        return Source.parse(self.cam.name).words

    @property
    def trained(self) -> bool:
        """Whether the checkpoint records any training; fresh weights answer too."""
        return self.model.provenance.steps > 0

    @property
    def opposite(self) -> str | None:
        """The class that the explained one becomes backwards, where the model knows it."""
        return self.model.relations.opposite_of(self.label)

    @property
    def opposite_is_proposed(self) -> bool:
        """Whether the opposite is read from the names of the classes alone."""
        pair = self.model.relations.pair_of(self.label)
        return pair is not None and pair.proposed

    @property
    def margin(self) -> float | None:
        """Natural logarithm of p(class) / p(opposite); None without an opposite.

        The softmax's divisor is common to both, so this is the difference of the logits, and stays
        finite where a probability does not.
        """
        if self.opposite is None:
            return None
        logits = self.prediction.logits
        return float(logits[self.target] - logits[self.model.labels.index(self.opposite)])

    @cached_property
    def content_notices(self) -> tuple[str, ...]:
        """What is missing in the frames that the network saw: motion, or anything at all."""
        return content_notices(self.inputs.pictures)

    @property
    def notices(self) -> tuple[str, ...]:
        """What was unusual about the clip, and about what the network saw of it."""
        return (*self.clip.notices, *self.content_notices)

    @property
    def evidence(self) -> Float32[np.ndarray, " t"]:
        """Mean positive evidence of each of the map's frames, in the map's unit."""
        return np.maximum(self.cam.values, 0).mean(axis=(1, 2))

    def __repr__(self) -> str:
        top = "; ".join(f"{percent(p)} {shortened(label)}" for label, p in self.prediction.top(3))
        proposed = "proposed " if self.opposite_is_proposed else ""
        margin = (
            "no opposite among its classes"
            if self.margin is None
            else f"log ratio {self.margin:+.2f} over its {proposed}opposite {self.opposite}"
        )
        return (
            f"Report of {self.model.name} on {shortened(self.clip.title)!r}\n"
            f"  {top}\n  explained: {shortened(self.label)}, {margin}\n"
            f"  map {' x '.join(map(str, self.cam.values.shape))} at {self.map_layer}; "
            f"{plural(len(self.masks), 'mask')}, {plural(len(self.gates), 'gate')}"
        )

    def as_dict(self, *, audit: Json | None = None) -> Json:
        """JSON-able form, numbers rounded to six significant digits.

        Args:
            audit: what is known of the network's masks and gates over many clips, if anything;
                networks without masks have no such entry.
        """
        return {
            "model": {
                "name": self.model.name,
                "arch": self.model.spec.arch,
                "digest": self.model.digest,
                "provenance": asdict(self.model.provenance),
            },
            "clip": {
                "name": self.clip.name,
                "digest": self.clip.digest,
                "reader": self.clip.reader,
                "notices": list(self.notices),
                "frames": len(self.clip.source_seconds),
                "seconds": rounded(self.clip.source_seconds[-1]),
                **section_record(self.clip),
            },
            "prediction": prediction_record(self.prediction),
            "opposite": None
            if self.opposite is None
            else {
                "label": self.label,
                "opposite": self.opposite,
                "log_margin": rounded(self.margin),
                **({"proposed": True} if self.opposite_is_proposed else {}),
            },
            "sampled": {
                "positions": self.inputs.positions.tolist(),
                "seconds": rounded(self.inputs.seconds),
                "crop": rounded(asdict(self.inputs.crop)),
            },
            "paths": path_records(
                self.model, self.inputs, self.prediction, masks=self.masks, gates=self.gates
            ),
            **({"audit": audit} if self.model.has_masks else {}),
            "cam": cam_record(self.cam) | {"energy": rounded(self.evidence)},
            "settings": {
                "spec": self.model.spec.as_dict(),
                "transform": asdict(self.model.transform),
            },
        }


def explain(
    model: Model,
    clip: Clip,
    *,
    target: int | str | None = None,
    against: int | str | None = None,
    method: str = FIRST_METHOD,
    layer: str | None = None,
) -> Report:
    """Ask `model` about `clip` and explain the answer: one forward and one gradient.

    Args:
        model: the network to ask.
        clip: a clip with at least the frames that the network samples.
        target: class to explain, by index or by name (letter case, brackets and a final full stop
            make no difference); None takes the model's own first answer.
        against: a class to set it against: what speaks for `target` rather than for `against`.
        method: one of `maagn.explain.cam.METHODS`.
        layer: one of `maagn.explain.cam.layers(model)`, or several fused
            (`maagn.explain.combine.Source`); None takes res4 of the backbone, which every network
            has.

    Raises:
        UnknownTarget: the model has no such class, or it is set against itself.
        UnknownMethod: no such method or layer.
        NonFinitePrediction: the network's numbers are not finite for this clip.
        TooFewFrames: the clip is shorter than what the network samples.
    """
    named = [find_class(model, name) for name in (target, against) if name is not None]
    _refuse_itself(model, *named)  # before the costly part
    seen = run(model, clip, grad_from_stage=grad_from_stage(layer or FIRST_LAYER))
    return report(model, clip, seen, target=target, against=against, method=method, layer=layer)


def report(
    model: Model,
    clip: Clip,
    trace: ForwardTrace,
    *,
    target: int | str | None = None,
    against: int | str | None = None,
    method: str = FIRST_METHOD,
    layer: str | None = None,
) -> Report:
    """As `explain`, from a trace that was kept: another class costs one gradient, no forward.

    Raises:
        ValueError: the trace is of another clip.
    """
    if trace.clip.digest != clip.key:
        raise ValueError(f"the trace is of clip {trace.clip.digest}, not of {clip.key}")
    chosen = trace.prediction.best if target is None else find_class(model, target)
    other = None if against is None else find_class(model, against)
    if other is not None:
        _refuse_itself(model, chosen, other)
    seen, gated = tuple(masks(model, trace)), tuple(gates(model, trace))
    parts = [mask.values for mask in seen] + [gate.response for gate in gated]
    refuse_not_finite(model, *parts, *(gate.shares for gate in gated), what="explanation")
    return Report(
        model=model.card,
        clip=clip,
        inputs=trace.clip,
        prediction=trace.prediction,
        target=chosen,
        against=other,
        masks=seen,
        gates=gated,
        cam=cam(model, trace, chosen, against=other, method=method, layer=layer or FIRST_LAYER),
    )


def find_class(model: Model, name: int | str) -> int:
    """Index of a class given by index or by name.

    A name that differs from one class in nothing but letter case, brackets, spaces and a final full
    stop is that class's.

    Raises:
        UnknownTarget: no such class, or several but for those; the message proposes up to five.
    """
    labels = model.labels
    if isinstance(name, int):
        if not 0 <= name < len(labels):
            raise UnknownTarget(f"{model.name} has {len(labels)} classes, none numbered {name}.")
        return name
    if name in labels:
        return labels.index(name)
    alike = same(name, labels)
    if len(alike) == 1:
        return alike[0]
    proposed = "; ".join([labels[index] for index in alike] or closest(name, labels))
    raise UnknownTarget(f"{model.name} has no class {name[:80]!r}: the closest are {proposed}.")


def document(reports: Sequence[Report], *, audits: Mapping[str, Json] | None = None) -> Json:
    """What several models say about one clip, as `explanation.json` holds it.

    Args:
        reports: one a model.
        audits: of the models' masks and gates, by the digest of the model's file.
    """
    known = audits or {}
    models = [report.as_dict(audit=known.get(report.model.digest)) for report in reports]
    clips = [model.pop("clip") for model in models]
    clip = clips[0] | {"notices": list(notices(reports))}
    return {"schema": SCHEMA, "clip": clip, "models": models}


def notices(reports: Sequence[Report]) -> tuple[str, ...]:
    """The notices of several models' reports about one clip, each once."""
    return tuple(dict.fromkeys(notice for report in reports for notice in report.notices))


def _refuse_itself(model: Model, *classes: int) -> None:
    """The map of a class against itself is zero everywhere, and would look like an answer."""
    if len(classes) == 2 and classes[0] == classes[1]:
        label = model.labels[classes[0]]
        raise UnknownTarget(f"{label} cannot be set against itself: name another class.")
