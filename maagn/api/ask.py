"""Questions to one network about one clip, and which networks there are."""

from typing import Any

import pandas as pd

from maagn import inference
from maagn.api.given import ClipLike, ModelLike, clip_of, model_of
from maagn.api.report import Report
from maagn.checkpoint import CheckpointInfo, available, find, load_card
from maagn.errors import CheckpointError
from maagn.explain import report
from maagn.explain.cam import FIRST_METHOD
from maagn.inference import GRAD_FROM_STAGE
from maagn.types import ForwardTrace, Prediction


def predict(model: ModelLike, clip: ClipLike) -> Prediction:
    """Probabilities of every class, and what each path votes.

    Args:
        model: a network, its name, or its file.
        clip: a clip, a video file, or a folder with one picture per frame.

    Raises:
        ModelError: there is no such network, it cannot be used, or its numbers are not finite.
        ClipError: the clip cannot be read, or is shorter than what the network samples.
    """
    network = model_of(model)
    return inference.predict(network, clip_of(clip, samplings=[network.sampling]))


def trace(
    model: ModelLike,
    clip: ClipLike,
    *,
    grad_from_stage: int = GRAD_FROM_STAGE,
    since: int | None = None,
) -> ForwardTrace:
    """Run a network on a clip once and keep what its taps saw (`maagn.inference.trace`).

    Args:
        model: a network, its name, or its file.
        clip: a clip, a video file, or a folder with one picture per frame.
        grad_from_stage: first stage of the backbone, 2 to 5, whose gradients are at hand.
        since: the former name of `grad_from_stage`, which it goes before.

    Raises:
        ModelError: there is no such network, it cannot be used, or its numbers are not finite.
        ClipError: the clip cannot be read, or is shorter than what the network samples.
    """
    network = model_of(model)
    seen = clip_of(clip, samplings=[network.sampling])
    return inference.trace(network, seen, grad_from_stage=grad_from_stage, since=since)


def explain(
    model: ModelLike,
    clip: ClipLike,
    *,
    target: int | str | None = None,
    against: int | str | None = None,
    method: str = FIRST_METHOD,
    layer: str | None = None,
) -> Report:
    """Ask a network about a clip, and explain the answer: one forward and one gradient.

    Args:
        model: a network, its name, or its file.
        clip: a clip, a video file, or a folder with one picture per frame.
        target: class to explain, by index or by name; None takes the network's own first answer.
        against: a class to set it against: what speaks for `target` rather than for `against`.
        method: one of `maagn.explain.cam.METHODS`.
        layer: one of `maagn.explain.cam.layers(model)`, or several fused
            (`maagn.explain.combine.Source`); None takes res4 of the backbone.

    Raises:
        ModelError: there is no such network, class, method or layer, or the network's numbers are
            not finite.
        ClipError: the clip cannot be read, or is shorter than what the network samples.
    """
    network = model_of(model)
    for name in (target, against):
        if name is not None:
            report.find_class(network, name)  # before anything is decoded
    seen = clip_of(clip, samplings=[network.sampling])
    asked: dict[str, Any] = {"target": target, "against": against, "method": method, "layer": layer}
    return Report.of(report.explain(network, seen, **asked))


def models() -> pd.DataFrame:
    """The networks that can be named: a row each, with what was measured of these very weights.

    Returns:
        A table by name, with `network`, its kind; `classes`; `frames` that it sees, and `pixels`, a
        side; `megabytes` of its file; `taught_from`; of the test clips of the rendered benchmark
        `top1` with its 95 % interval `top1_low` and `top1_high`, `within_pair` and `flips`, in
        [0, 1]; the verdict on its `masks`; and the `problem` of a file that cannot be read.
        What is not known is missing.
    """
    from maagn.evaluate.audit_file import shipped_audits  # SciPy comes with it

    accuracies, audits = _accuracies(), shipped_audits()
    rows: dict[str, dict[str, Any]] = {}
    for name in available():
        try:
            card = load_card(name)
        except CheckpointError as error:
            rows[name] = {"problem": str(error)}
            continue
        audit = audits.get(card.digest)
        rows[name] = {
            "network": card.architecture.title,
            "classes": len(card.labels),
            "frames": card.spec.frames,
            "pixels": card.transform.crop,
            "megabytes": round(find(name).stat().st_size / 1e6, 1),
            "taught_from": None if card.taught is None else card.taught.base,
            **_measured(card, accuracies),
            "masks": None if audit is None else audit.masks.verdict,
            "problem": None,
        }
    columns = (
        "network", "classes", "frames", "pixels", "megabytes", "taught_from",
        "top1", "top1_low", "top1_high", "within_pair", "flips", "masks", "problem",
    )  # fmt: skip
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(columns))
    return table.rename_axis("name")


def _accuracies() -> dict[str, Any]:
    """Of the shipped predictions, by the digest of the network's file; none where they are not."""
    from maagn.errors import ResultsError
    from maagn.evaluate.metrics import count
    from maagn.evaluate.results import read_results

    try:
        results = read_results()
    except ResultsError:
        return {}
    return {results.origin.digests.get(one.model, ""): count(one) for one in results}


def _measured(card: CheckpointInfo, accuracies: dict[str, Any]) -> dict[str, float | None]:
    counted = accuracies.get(card.digest)
    if counted is None:
        return dict.fromkeys(("top1", "top1_low", "top1_high", "within_pair", "flips"))
    return {
        "top1": counted.top1.value,
        "top1_low": counted.top1.low,
        "top1_high": counted.top1.high,
        "within_pair": counted.within_pair.value,
        "flips": counted.reversal_flips.value,
    }
