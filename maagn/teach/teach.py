"""Teach networks new classes, in reading order: features, leaks, left-out figures, heads, files."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import sklearn

from maagn.checkpoint import Model
from maagn.errors import TeachError
from maagn.evaluate.plan import present_versions
from maagn.evaluate.results import Origin, Results, write_results
from maagn.nn.adapted import Adapted
from maagn.teach.examples import Examples
from maagn.teach.frames import keep_clips, refuse_many
from maagn.teach.leaks import leaks
from maagn.teach.left_out import HeadInputs, fit_all, left_out, parts
from maagn.teach.lesson import Lesson, network_names, predictions_of, save_lesson
from maagn.teach.network import taught_network
from maagn.teach.report import LEFT_OUT, TeachingReport, write_teaching
from maagn.teach.seen import Report, see_clips
from maagn.teach.tune import Tune
from maagn.teach.tuned import tuned_lesson
from maagn.teach.warn import warnings

_READ, _LEAKS = 0.7, 0.75  # parts of the work that are done by then, about
_READ_TUNED, _LEAKS_TUNED = 0.1, 0.12


def teach(
    examples: Examples,
    models: Sequence[Model],
    out: Path,
    *,
    features: Path,
    folder: Path,
    tune: Tune = "head",
    command: str = "",
    report: Report = lambda _part, _doing: None,
) -> TeachingReport:
    """Teach every network the same classes from the same clips.

    Writes a network each, `<name>-<kind>.safetensors`, the left-out predictions and, last,
    `taught.json`. Stopped and begun again it resumes: features of clips that were seen are kept.
    The same clips give the same files, but for the seconds in `taught.json`, on one machine.

    Args:
        examples: the clips.
        models: on whose features heads are fitted.
        out: folder of the teaching; what an earlier one left there is replaced.
        features: folder that keeps features, of any teachings.
        folder: that the clips lie in.
        tune: which weights are taught; with others than the heads', where inner folds gain by it.
        command: kept in what is written, for people.
        report: told how far it is.

    Raises:
        TeachError: a network has no linear classifier, too few clips can be read, one clip is in
            two classes, or there are too many to fine-tune on.
        NonFinitePrediction: a network's numbers about a clip are not finite.
    """
    for model in models:
        if isinstance(model.network, Adapted):
            raise TeachError(f"{model.name} is adapted: register its kind to teach such a network.")
        if not model.network.classifiers:
            raise TeachError(
                f"{model.name} has no linear classifier to be taught: choose other networks."
            )
    if tune != "head":
        refuse_many(examples)
    looking, teaching = (_READ, _LEAKS) if tune == "head" else (_READ_TUNED, _LEAKS_TUNED)
    begun = time.monotonic()
    seen = see_clips(
        examples, models, features, report=lambda part, doing: report(looking * part, doing)
    )
    read = time.monotonic()
    kinds = [model.spec.arch for model in models]
    telling = leaks(
        seen.pictures,
        seen.heads(kinds.index("tsn"))[0] if "tsn" in kinds else None,
        labels=seen.labels,
        groups=seen.groups,
        step=lambda done, of: report(
            looking + (teaching - looking) * done / of,
            "Looking for what single pictures give away",
        ),
    )
    frames = {}
    if tune != "head":
        frames = keep_clips(
            seen.examples,
            {model.look for model in models},
            step=lambda index: report(teaching, f"Frames of clip {index + 1}"),
        )
    lessons, chosen = [], []
    for number, model in enumerate(models):

        def tell(done: int, of: int, *, number: int = number, name: str = model.name) -> None:
            part = (number + done / of) / len(models)
            doing = "heads without part" if tune == "head" else "fine-tuning"
            report(teaching + (1 - teaching) * part, f"{name}: {doing} {done + 1} of {of}")

        if tune == "head":
            lessons.append(_lesson(model, seen.heads(number), tell))
        else:
            heads, clips = seen.heads(number), frames[model.look]
            tuned = tuned_lesson(model, heads, clips, tune=tune, step=tell)
            lessons.append(tuned.lesson)
            chosen.append(tuned)
    report(1.0, "Writing")
    versions = {
        **dict(zip(("python", "torch", "numpy"), present_versions(), strict=True)),
        "scikit-learn": sklearn.__version__,
        "opencv": cv2.__version__,
    }
    named = list(zip(network_names(examples.name, models), lessons, strict=True))
    networks = tuple(
        save_lesson(lesson, seen, out, name=name, command=command) for name, lesson in named
    )
    used = [clip.video for clip in seen.examples.clips]
    inside = folder.resolve().is_relative_to(out.resolve())  # then the two are moved together
    root = out.resolve() if inside else folder.resolve()
    origin = Origin(
        digests={network.name: network.digest for network in networks},
        command=command,
        versions=versions,
        clips=tuple(video.path.resolve().relative_to(root).as_posix() for video in used),
        names=tuple(video.id for video in used),
        folder="" if inside else str(root),
    )
    predictions = tuple(predictions_of(lesson, seen, name=name) for name, lesson in named)
    write_results(out / LEFT_OUT, Results(predictions, origin))
    counts = tuple(np.bincount(seen.labels, minlength=len(examples.labels)).tolist())
    made = TeachingReport(
        collection=examples.name,
        labels=examples.labels,
        clips=counts,
        opposites=tuple(
            (examples.labels[one], examples.labels[other])
            for one, other in examples.pairs_of_labels
        ),
        left_out="group" if examples.grouped else "clip",
        parts=len(chosen[0].passes) if chosen else len(list(parts(seen.labels, seen.groups))),
        networks=networks,
        leaks=telling,
        warnings=(
            *warnings(seen.examples, counts, telling),
            *(tuned.sentence(seen.labels) for tuned in chosen),
        ),
        skipped=seen.skipped,
        seconds={
            "reading and features": round(read - begun, 2),
            "fitting": round(time.monotonic() - read, 2),
        },
        folder=origin.folder,
        command=command,
        versions=versions,
    )
    write_teaching(out, made)
    return made


def _lesson(model: Model, heads: Sequence[HeadInputs], tell: Callable[[int, int], None]) -> Lesson:
    """Heads alone, on frozen features."""
    tested = left_out(heads, step=tell)
    fitted = fit_all(heads)
    strengths = tuple(head.strength for head in fitted)
    return Lesson(model, taught_network(model, fitted), tested, strengths)
