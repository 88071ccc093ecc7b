"""What is kept between reruns and shared by visitors, bounded; the only file with st.cache_*.

Models, checkpoints' descriptions and results are kept by number; clips, traces and reports by the
bytes that they take. Keys are names, stamps and digests; clips, models and traces themselves are
never keys.
"""

import hashlib
import tempfile
import weakref
from collections.abc import Callable, Generator, Hashable
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from jaxtyping import UInt8
from numpy.typing import NDArray

from app import command_line
from app.nbytes import nbytes
from app.selection import ClipChoice
from app.server import collection_store, imports
from maagn import checkpoint
from maagn.cache import BoundedCache
from maagn.checkpoint import CheckpointInfo, Model
from maagn.config import SamplingSpec
from maagn.data.confine import confine
from maagn.data.read import every_frame_of, read_video
from maagn.data.videos import Video
from maagn.evaluate.results import SHIPPED, Results
from maagn.evaluate.runs import read_run
from maagn.evaluate.store import ANSWERS, RESULTS
from maagn.explain import motion as flow
from maagn.explain.report import Report, report
from maagn.explain.timeline import Timeline
from maagn.inference import prepare, trace
from maagn.io import file_digest
from maagn.opposites.clip import draw_clip
from maagn.opposites.dataset import middle_times
from maagn.types import Clip, ClipTensor, Crop, Explanation, ForwardTrace
from maagn.video.encode import write_mp4
from maagn.video.film import FilmLength, film_frames, film_length
from maagn.video.overview import Overview
from maagn.video.overview import overview as look_through
from maagn.video.transform import from_frames, shown_frames

_SECONDS = 3.0  # a rendered clip has no length of its own; those of the gallery last about that


def render(choice: ClipChoice, *, frames: int, side: int) -> Clip:
    """The frames that the networks see, at the size at which the evaluation rendered them.

    The same pixels, so that a network's answer is the one on record.

    Args:
        choice: of a rendered clip.
        frames: T.
        side: pixels of the square frames, before the networks' crop.
    """
    assert choice.drawn is not None
    label, index = choice.drawn
    times = middle_times(frames)
    drawn = draw_clip(label, split=choice.split, index=index).render(times, size=side)
    return replace(from_frames(drawn, seconds=times * _SECONDS), name=choice.name)


T = TypeVar("T")

MODELS = 8  # kept at most
_THUMBNAIL = 72  # pixels of the pictures of a film's strip, which are drawn 56 high
_NAME_BYTES = 100  # of a clip's name, about
_CLIPS: BoundedCache[Clip] = BoundedCache(200_000_000, nbytes)
_INPUTS: BoundedCache[ClipTensor] = BoundedCache(20_000_000, nbytes)
_TRACES: BoundedCache[ForwardTrace] = BoundedCache(600_000_000, nbytes)
_REPORTS: BoundedCache[Report] = BoundedCache(200_000_000, nbytes)
_TIMELINES: BoundedCache[Timeline] = BoundedCache(100_000_000, nbytes)
_FILMS: BoundedCache[bytes] = BoundedCache(60_000_000, nbytes)
_SHOWN: BoundedCache[tuple[NDArray[np.uint8], Crop]] = BoundedCache(100_000_000, nbytes)
_MOTIONS: BoundedCache[Explanation] = BoundedCache(30_000_000, nbytes)
_OVERVIEWS: BoundedCache[Overview] = BoundedCache(50_000_000, nbytes)
_RESULTS: BoundedCache[Results] = BoundedCache(400_000_000, lambda results: _weight(results))
_FIGURES: BoundedCache[Any] = BoundedCache(50_000_000, nbytes)
# Which models are in memory now; knowing of one does not keep it.
_ALIVE: "weakref.WeakSet[Model]" = weakref.WeakSet()


@st.cache_resource(max_entries=MODELS, show_spinner=False)
def _model(name: str, stamp: int) -> Model:  # noqa: ARG001 - part of the key
    loaded = replace(checkpoint.load_model(file_of(name), command_line.device()), name=name)
    _ALIVE.add(loaded)
    return loaded


def file_of(name: str) -> Path:
    """A model's file: of `checkpoints/`, or of a visitor's collection.

    Raises:
        UnknownModel: there is none of that name.
    """
    own = collection_store.ALL.network(name)
    return checkpoint.find(name) if own is None else own


def model(name: str) -> Model:
    """Load a model; whoever asks for it shares it."""
    imports.REST.wait()  # what is asked of it may need them, on this thread
    return _model(name, file_of(name).stat().st_mtime_ns)


@lru_cache(maxsize=256)  # asked for a dozen times a run: hashing by Streamlit took 2 ms each time
def _card(name: str, stamp: int) -> CheckpointInfo:  # noqa: ARG001 - part of the key
    return replace(checkpoint.load_card(file_of(name)), name=name)


def card(name: str) -> CheckpointInfo:
    """The metadata of a model's file; its weights are not read."""
    return _card(name, file_of(name).stat().st_mtime_ns)


def clip(choice: ClipChoice, names: tuple[str, ...]) -> Clip:
    """The frames of a clip that those models need, decoded once."""
    asked = [model(name) for name in names]
    samplings = tuple(sorted({one.sampling for one in asked}))
    side = asked[0].transform.resize
    return _CLIPS.get((choice, samplings, side), lambda: _read(choice, samplings, side))


def content_of(choice: ClipChoice) -> str | None:
    """SHA-256 of a clip's file, as `Clip.digest` has it; None of a clip that is no file."""
    if choice.path is None or not choice.path.is_file():
        return None
    return _content(choice.path, choice.stamp)


@lru_cache(maxsize=256)
def _content(path: Path, stamp: tuple[int, int]) -> str:  # noqa: ARG001 - part of the key
    return file_digest(path)


def _read(choice: ClipChoice, samplings: tuple[SamplingSpec, ...], side: int) -> Clip:
    if choice.drawn is not None:
        return render(choice, frames=max(sampling.frames for sampling in samplings), side=side)
    return read_video(_video(choice), samplings=samplings, section=choice.section)


def _video(choice: ClipChoice) -> Video:
    """A file, or a folder of frames."""
    assert choice.path is not None  # a clip is a file, or it is rendered
    return Video(choice.name, choice.path, None, root=choice.root, pictures=choice.pictures)


def shown(
    seen: Clip, inputs: ClipTensor, *, side: int
) -> tuple[UInt8[np.ndarray, "t h w 3"], Crop]:
    """The sampled frames for people, as `maagn.video.transform.shown_frames`; scaled once."""
    key = (seen.key, inputs.positions.tobytes(), inputs.crop, side)
    return _SHOWN.get(key, lambda: shown_frames(seen, inputs, side=side))


def motion(inputs: ClipTensor) -> Explanation:
    """What moves between the frames that a network sees, as `maagn.explain.motion.motion`."""
    seen = hashlib.sha256(inputs.pictures.tobytes() + inputs.seconds.tobytes()).digest()
    return _MOTIONS.get(seen, lambda: flow.motion(inputs))


FILM_BYTES = 6_000_000
"""Of the film that the player shows while it plays, about: a bound on its bits per second."""

_FILM_FRAMES = 900  # at most: of a longer clip every second, every third ...
_KEYFRAME_EVERY = 15  # so that a film can be entered anywhere at once


def film(choice: ClipChoice, seen: Clip, *, height: int) -> bytes:
    """Every frame of a clip as MP4 without sound, for the player; made once.

    Args:
        choice: the clip, a file or a folder of frames.
        seen: what was read of it.
        height: pixels.
    """
    return _FILMS.get((choice, height), lambda: _filmed(choice, seen, height))


def _filmed(choice: ClipChoice, seen: Clip, height: int) -> bytes:
    every = -(-len(seen.source_seconds) // _FILM_FRAMES)
    frames = every_frame_of(_video(choice), seen, height=height)
    try:
        with tempfile.TemporaryDirectory(prefix="maagn-film-") as folder:
            path = Path(folder) / "film.mp4"
            write_mp4(
                path,
                islice(frames, 0, None, every),
                seconds=seen.source_seconds[::every],
                keyframe_every=_KEYFRAME_EVERY,
                most_bytes=FILM_BYTES,
            )
            return path.read_bytes()
    finally:
        if isinstance(frames, Generator):
            frames.close()  # the process that decodes ends with it


def overview(choice: ClipChoice, step: Callable[[float], None]) -> Overview:
    """Pictures of a film's whole length, how much moves in it, and its cuts; seen through once.

    Args:
        choice: of a file.
        step: told how much is seen through, in [0, 1].

    Raises:
        ClipError: it is no film that can be read.
    """
    assert choice.path is not None
    path, seconds = choice.path, length(choice).seconds

    def look() -> Overview:
        frames = film_frames(path, height=_THUMBNAIL, name=choice.name)
        return look_through(frames, film_seconds=seconds, progress=step)

    return _OVERVIEWS.get((path, choice.stamp), look)


def length(choice: ClipChoice) -> FilmLength:
    """How long a file's film is; its pictures are not decoded.

    Raises:
        ClipError: it is no film that can be read, or leads out of its data set's folder.
    """
    assert choice.path is not None
    confine(Video(choice.name, choice.path, None, root=choice.root))
    return _length(choice.path, choice.stamp, choice.name)


@lru_cache(maxsize=256)
def _length(path: Path, stamp: tuple[int, int], name: str) -> FilmLength:  # noqa: ARG001 - a key
    return film_length(path, name=name)


def traced(name: str, seen: Clip) -> ForwardTrace:
    """One model's forward trace of a clip, with every tapped tensor; cached for all pages."""
    one = model(name)
    # Networks that sample and scale alike see the same tensor: of large frames scaling is most.
    look = (seen.key, one.sampling, one.transform)
    return _TRACES.get(
        (one.digest, seen.key),
        lambda: trace(one, seen, inputs=_INPUTS.get(look, lambda: prepare(one, seen))),
    )


def reported(name: str, seen: Clip, *, target: int | str | None, method: str, layer: str) -> Report:
    """One model's report, from the cached trace: another class costs one gradient, no forward."""
    one = model(name)

    def make() -> Report:
        run = traced(name, seen)
        return report(one, seen, run, target=target, method=method, layer=layer)

    key = (one.digest, seen.key, target, method, layer)
    return _REPORTS.get(key, make)


def timeline(asked: Hashable) -> Timeline | None:
    """What networks said over a film, if they were asked: whole, or until they were stopped."""
    return _TIMELINES.find(asked)


def keep_timeline(asked: Hashable, found: Timeline) -> None:
    """Keep what networks said over a film.

    Args:
        asked: film with its stamp, networks' digests, window and step.
        found: the answers; of all windows, or of those until a stop.
    """
    _TIMELINES.keep(asked, found)


@st.cache_resource(max_entries=64, show_spinner=False)
def figure(
    key: tuple[Hashable, ...],  # noqa: ARG001 - Streamlit keeps by it
    _make: Callable[[], go.Figure],
) -> go.Figure:
    """A figure that is shown again and again, built once; the key tells all that it shows."""
    return _make()


def _weight(results: Results) -> int:
    """Bytes of a run's predictions; its clips' names are too many to be looked at one by one."""
    names = _NAME_BYTES * (len(results.origin.clips or ()) + len(results.origin.names))
    return nbytes(results.predictions) + names


def results(path: Path = SHIPPED) -> Results:
    """Predictions of a run, or of a file of results: those that came with the explorer by default.

    Args:
        path: folder of a run, or file.

    Raises:
        ResultsError: no such run or file, or damaged.
    """
    return _RESULTS.get((path, stamp_of(path)), lambda: read_run(path))


def counted(key: Hashable, make: Callable[[], T]) -> T:
    """What was counted of predictions, which a click on a page does not change.

    Args:
        key: what is counted, and `version_of` the predictions that it is counted of.
        make: counts it.
    """
    found: T = _FIGURES.get(key, make)
    return found


def version_of(path: Path | None, model: str) -> Hashable:
    """What tells a network's predictions in a run, as they are now, from all others.

    Args:
        path: of the run or file; None for what came with the explorer.
        model: the network, as the run calls it.
    """
    path = path or SHIPPED
    return str(path), stamp_of(path), model


def stamp_of(path: Path) -> int:
    """When a run's predictions, or a file of results, were written; 0 where there are none."""
    for table in (path / RESULTS, path / ANSWERS, path):
        if table.is_file():
            return table.stat().st_mtime_ns
    return 0


@st.cache_resource(max_entries=2, show_spinner=False)
def _factors(path: Path, stamp: int) -> pd.DataFrame:  # noqa: ARG001 - part of the key
    return pd.read_parquet(path)


def factors() -> pd.DataFrame:
    """The factors of those clips: one row per clip, joined by `split`, `clip` and `label`."""
    path = SHIPPED.with_suffix(".factors.parquet")
    return _factors(path, path.stat().st_mtime_ns)


def loaded() -> frozenset[str]:
    """SHA-256 digests of the models that are in memory."""
    return frozenset(one.digest for one in list(_ALIVE))


def kept() -> dict[str, tuple[int, float, float]]:
    """For each kind of cached value: number of entries, megabytes now, and the limit."""
    caches: dict[str, BoundedCache[Any]] = {
        "clips": _CLIPS,
        "pictures": _SHOWN,
        "traces": _TRACES,
        "reports": _REPORTS,
        "timelines": _TIMELINES,
        "films": _FILMS,
        "motions": _MOTIONS,
        "overviews": _OVERVIEWS,
        "predictions": _RESULTS,
    }
    return {
        kind: (len(cached), cached.size / 1e6, cached.most / 1e6) for kind, cached in caches.items()
    }


def forget() -> None:
    """Clear all caches; whatever is asked next is computed again."""
    _card.cache_clear()
    _length.cache_clear()
    for by_streamlit in (_model, figure, _factors):
        by_streamlit.clear()
    by_bytes = (_CLIPS, _INPUTS, _TRACES, _REPORTS, _RESULTS, _FIGURES)
    of_films = (_TIMELINES, _FILMS, _SHOWN, _MOTIONS, _OVERVIEWS)
    for cached in (*by_bytes, *of_films):
        cached.clear()
