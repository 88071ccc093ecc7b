"""What is kept between reruns and shared by visitors, bounded; the only file with st.cache_*.

Keys are names, stamps and digests; clips, models and traces themselves are never keys (their
parameters begin with an underscore, which Streamlit leaves out of the key).
"""

import weakref
from pathlib import Path
from typing import TypeVar

import pandas as pd
import streamlit as st

from app.rendered import render
from app.selection import ClipChoice
from maagn import checkpoint
from maagn.checkpoint import Card, Model
from maagn.config import SamplingSpec
from maagn.data.read import read_video
from maagn.data.videos import Video
from maagn.evaluate.results import SHIPPED, Results, read_results
from maagn.explain.report import Report, report
from maagn.trace import trace
from maagn.types import Clip, ForwardTrace

T = TypeVar("T")
_MODELS, _CLIPS, _TRACES, _REPORTS = 8, 12, 24, 96  # kept of each at most
# What is in memory now, for people to see; knowing of a thing does not keep it.
_ALIVE: dict[str, "weakref.WeakSet[object]"] = {
    kind: weakref.WeakSet() for kind in ("models", "clips", "traces", "reports")
}


def _noted(kind: str, thing: T) -> T:
    _ALIVE[kind].add(thing)
    return thing


@st.cache_resource(max_entries=_MODELS, show_spinner=False)
def _model(name: str, stamp: int) -> Model:  # noqa: ARG001 - part of the key
    return _noted("models", checkpoint.load_model(name))


def model(name: str) -> Model:
    """A model of `checkpoints/`, loaded once for all visitors."""
    return _model(name, checkpoint.find(name).stat().st_mtime_ns)


@st.cache_resource(max_entries=16, show_spinner=False)
def _card(name: str, stamp: int) -> Card:  # noqa: ARG001 - part of the key
    return checkpoint.load_card(name)


def card(name: str) -> Card:
    """What a model's file says of it, without its weights."""
    return _card(name, checkpoint.find(name).stat().st_mtime_ns)


@st.cache_resource(max_entries=_CLIPS, show_spinner=False)
def _clip(choice: ClipChoice, samplings: tuple[SamplingSpec, ...], side: int) -> Clip:
    if choice.drawn is not None:
        drawn = render(choice, frames=max(one.frames for one in samplings), side=side)
        return _noted("clips", drawn)
    assert choice.path is not None  # a clip is a file, or it is rendered
    video = Video(choice.name, choice.path, None, root=choice.root)  # a file, or a folder of frames
    return _noted("clips", read_video(video, samplings=samplings))


def clip(choice: ClipChoice, names: tuple[str, ...]) -> Clip:
    """The frames of a clip that those models need, decoded once."""
    asked = [model(name) for name in names]
    samplings = tuple(sorted({one.sampling for one in asked}))
    return _clip(choice, samplings, asked[0].transform.resize)


@st.cache_resource(max_entries=_TRACES, show_spinner=False)
def _traced(key: tuple[str, str], _model: Model, _clip: Clip) -> ForwardTrace:  # noqa: ARG001
    return _noted("traces", trace(_model, _clip))


def traced(name: str, seen: Clip) -> ForwardTrace:
    """One model's run on a clip, with every tapped tensor: kept, so that pages share it."""
    one = model(name)
    return _traced((one.digest, seen.digest), one, seen)


@st.cache_resource(max_entries=_REPORTS, show_spinner=False)
def _reported(
    key: tuple[str, str],
    target: int | str | None,
    method: str,
    layer: str,
    _model: Model,
    _clip: Clip,
) -> Report:
    run = _traced(key, _model, _clip)
    made = report(_model, _clip, run, target=target, method=method, layer=layer)
    return _noted("reports", made)


def reported(name: str, seen: Clip, *, target: int | str | None, method: str, layer: str) -> Report:
    """One model's report: another class costs one gradient, no forward and no decoding."""
    one = model(name)
    return _reported((one.digest, seen.digest), target, method, layer, one, seen)


@st.cache_resource(max_entries=2, show_spinner=False)
def _results(path: Path, stamp: int) -> Results:  # noqa: ARG001 - part of the key
    return read_results(path)


def results(path: Path = SHIPPED) -> Results:
    """What every model said about every clip of the test split.

    Raises:
        ResultsError: no such file, or damaged.
    """
    return _results(path, path.stat().st_mtime_ns if path.exists() else 0)


@st.cache_resource(max_entries=2, show_spinner=False)
def _factors(path: Path, stamp: int) -> pd.DataFrame:  # noqa: ARG001 - part of the key
    return pd.read_parquet(path)


def factors() -> pd.DataFrame:
    """The factors of those clips: one row a clip, joined by `split`, `clip` and `label`."""
    path = SHIPPED.with_suffix(".factors.parquet")
    return _factors(path, path.stat().st_mtime_ns)


def loaded() -> frozenset[str]:
    """Digests of the models that are in memory now."""
    return frozenset(one.digest for one in list(_ALIVE["models"]) if isinstance(one, Model))


def kept() -> dict[str, tuple[int, int]]:
    """How many of each kind are in memory now, and how many are kept at most."""
    most = {"models": _MODELS, "clips": _CLIPS, "traces": _TRACES, "reports": _REPORTS}
    return {kind: (len(_ALIVE[kind]), number) for kind, number in most.items()}


def forget() -> None:
    """Keep nothing: who asks next has it worked out anew."""
    for one in (_model, _card, _clip, _traced, _reported, _results, _factors):
        one.clear()
