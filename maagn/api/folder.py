"""All videos of a folder, one after the other; those that cannot be read are named, and left."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from maagn.api.given import ModelLike, model_of
from maagn.api.report import Table, check_table, frame_of
from maagn.checkpoint import Model
from maagn.config import Look
from maagn.data.layouts.class_folders import videos_in
from maagn.data.seen import read_clips
from maagn.data.videos import Video
from maagn.errors import ClipError, DatasetError, NonFinitePrediction
from maagn.evaluate.runner import prefetch
from maagn.explain.cam import FIRST_METHOD
from maagn.explain.report import explain, find_class
from maagn.inference import predict
from maagn.suggest import same
from maagn.types import Clip

Models = ModelLike | Sequence[ModelLike]
"""One network or several."""

Told = Callable[[int, int], None]
"""Told after every clip how many are done, and of how many."""


def predict_folder(
    model: Models, folder: str | Path, *, progress: bool | Told = True, workers: int = 2
) -> pd.DataFrame:
    """What networks predict for every video in a folder and the folders in it.

    Args:
        model: a network, its name or its file; or several.
        folder: of videos, and of folders with one picture per frame.
        progress: whether to say on stderr how far it is; or who is told instead.
        workers: videos that are read at a time.

    Returns:
        A row a clip and network, with `model`, `clip` (its path from the folder), `truth` (the
        class that its folder is called after, where the network has it), `answer`, `probability`,
        `second`, `second_probability`, `opposite` of the answer, `margin` (the natural logarithm
        of p(answer) / p(opposite)), and `problem`: why a clip has no answer, missing where it has.

    Raises:
        DatasetError: there is no such folder, or no video in it.
        ModelError: there is no such network, or it cannot be used.
    """
    networks = _models(model)
    columns = (
        "model", "clip", "truth", "answer", "probability", "second", "second_probability",
        "opposite", "margin", "problem",
    )  # fmt: skip
    rows = _each(networks, Path(folder), _predicted, progress=progress, workers=workers)
    return pd.concat(list(rows), ignore_index=True).reindex(columns=list(columns))


def explain_folder(
    model: Models,
    folder: str | Path,
    *,
    table: Table = "summary",
    target: int | str | None = None,
    against: int | str | None = None,
    method: str = FIRST_METHOD,
    layer: str | None = None,
    progress: bool | Told = True,
    workers: int = 2,
) -> pd.DataFrame:
    """A table of the explanation of every video in a folder and the folders in it.

    `maagn explain-dataset` keeps the same of large sets on disk, and resumes.

    Args:
        model: a network, its name or its file; or several.
        folder: of videos, and of folders with one picture per frame.
        table: of each report (`Report.frame`): `summary`, `answers`, `masks`, `gates` or
            `evidence`.
        target: class to explain, by index or by name; None takes each clip's answer.
        against: a class to set it against.
        method: as in `maagn.explain`.
        layer: as in `maagn.explain`.
        progress: whether to say on stderr how far it is; or who is told instead.
        workers: videos that are read at a time.

    Returns:
        The tables of all clips, one under the other, with `truth` after `clip`, and with `problem`
        at the end; a clip that has no explanation has one row, with nothing but its problem.

    Raises:
        DatasetError: there is no such folder, or no video in it.
        ModelError: there is no such network, class, method or layer, or it cannot be used.
        UnknownTable: there is no such table.
    """
    networks = _models(model)
    for network in networks:
        for name in (target, against):
            if name is not None:
                find_class(network, name)
    check_table(table)
    asked = partial(explain, target=target, against=against, method=method, layer=layer)

    def explained(network: Model, clip: Clip) -> pd.DataFrame:
        return frame_of(asked(network, clip), table)

    rows = _each(networks, Path(folder), explained, progress=progress, workers=workers)
    joined = pd.concat(list(rows), ignore_index=True)
    last = [name for name in joined if name != "problem"]
    return joined[[*last, "problem"]]


def _predicted(network: Model, clip: Clip) -> pd.DataFrame:
    prediction = predict(network, clip)
    (answer, probability), *others = prediction.top(2)
    second, its = others[0] if others else (None, None)
    opposite = network.relations.opposite_of(answer)
    logits = dict(zip(prediction.labels, prediction.logits.tolist(), strict=True))
    row = {
        "model": network.name,
        "clip": clip.name,
        "answer": answer,
        "probability": probability,
        "second": second,
        "second_probability": its,
        "opposite": opposite,
        "margin": None if opposite is None else logits[answer] - logits[opposite],
    }
    return pd.DataFrame([row])


def _models(given: Models) -> list[Model]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        return [model_of(given)]
    return [model_of(each) for each in given]


def _each(
    networks: Sequence[Model],
    folder: Path,
    ask: Callable[[Model, Clip], pd.DataFrame],
    *,
    progress: bool | Told,
    workers: int,
) -> Iterator[pd.DataFrame]:
    videos = _videos(folder)
    tell = _Teller() if progress is True else progress or (lambda _done, _of: None)
    batches = ((range(i, i + 1), [video]) for i, video in enumerate(videos))
    looks = {network.look for network in networks}
    for indices, (seen,) in prefetch(batches, partial(read_clips, looks=looks), workers=workers):
        video = videos[indices.start]
        for network in networks:
            table = _asked(network, video, seen, ask)
            table.insert(2, "truth", _class_of(video, network))
            yield table
        tell(indices.stop, len(videos))


def _asked(
    network: Model,
    video: Video,
    seen: dict[Look, Clip] | ClipError,
    ask: Callable[[Model, Clip], pd.DataFrame],
) -> pd.DataFrame:
    try:
        if isinstance(seen, ClipError):
            raise seen
        return ask(network, seen[network.look]).assign(problem=None)
    except (ClipError, NonFinitePrediction) as error:
        row = {"model": network.name, "clip": video.id, "problem": str(error)}
        return pd.DataFrame([row])


def _videos(folder: Path) -> list[Video]:
    """What lies in a folder and the folders in it, by path; hidden ones are left out."""
    if not folder.is_dir():
        what = "is a file: maagn.predict and maagn.explain take it" if folder.exists() else ""
        raise DatasetError(f"{folder} {what}." if what else f"There is no folder {folder}.")
    below = sorted(path for path in folder.rglob("*") if path.is_dir())
    shown = [path for path in below if not any(p[0] == "." for p in path.relative_to(folder).parts)]
    paths = [path for each in (folder, *shown) for path in videos_in(each)]
    if not paths:
        raise DatasetError(f"There is no video in {folder}: give the folder that they lie in.")
    names = {path.relative_to(folder).as_posix(): path for path in paths}
    return [Video(name, path, None, root=folder) for name, path in names.items()]


def _class_of(video: Video, network: Model) -> str | None:
    """The class that a video's folder is called after."""
    found = same(video.path.parent.name, network.labels)
    return network.labels[found[0]] if len(found) == 1 else None


class _Teller:
    """Says on stderr how far it is, in place, at most twice a second."""

    def __init__(self) -> None:
        self._begun = self._said = time.monotonic()

    def __call__(self, done: int, of: int) -> None:
        now = time.monotonic()
        if done < of and now - self._said < 0.5:
            return
        self._said = now
        left = (now - self._begun) / done * (of - done)
        said = f"\r{done:,} of {of:,} clips" + (f", {left:.0f} s left" if done < of else "")
        print(f"{said:<40}", end="\n" if done == of else "", file=sys.stderr, flush=True)
