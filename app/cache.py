"""What is kept between reruns and shared by visitors, bounded; the only file with st.cache_*.

Keys are names, stamps and digests; clips, models and traces themselves are never keys (their
parameters begin with an underscore, which Streamlit leaves out of the key).
"""

import streamlit as st

from app.selection import ClipChoice
from maagn import checkpoint
from maagn.checkpoint import Model
from maagn.config import SamplingSpec
from maagn.explain.report import Report, report
from maagn.trace import trace
from maagn.types import Clip, ForwardTrace
from maagn.video.read import read_clip


@st.cache_resource(max_entries=8, show_spinner=False)
def _model(name: str, stamp: int) -> Model:  # noqa: ARG001 - part of the key
    return checkpoint.load_model(name)


def model(name: str) -> Model:
    """A model of `checkpoints/`, loaded once for all visitors."""
    return _model(name, checkpoint.find(name).stat().st_mtime_ns)


@st.cache_resource(max_entries=12, show_spinner=False)
def _clip(choice: ClipChoice, samplings: tuple[SamplingSpec, ...]) -> Clip:
    return read_clip(choice.path, samplings=samplings, name=choice.name)


def clip(choice: ClipChoice, names: tuple[str, ...]) -> Clip:
    """The frames of a clip that those models need, decoded once."""
    return _clip(choice, tuple(sorted({model(name).sampling for name in names})))


@st.cache_resource(max_entries=24, show_spinner=False)
def _traced(key: tuple[str, str], _model: Model, _clip: Clip) -> ForwardTrace:  # noqa: ARG001
    return trace(_model, _clip)


@st.cache_resource(max_entries=96, show_spinner=False)
def _reported(
    key: tuple[str, str],
    target: int | str | None,
    method: str,
    layer: str,
    _model: Model,
    _clip: Clip,
) -> Report:
    run = _traced(key, _model, _clip)
    return report(_model, _clip, run, target=target, method=method, layer=layer)


def reported(name: str, seen: Clip, *, target: int | str | None, method: str, layer: str) -> Report:
    """One model's report: another class costs one gradient, no forward and no decoding."""
    one = model(name)
    return _reported((one.digest, seen.digest), target, method, layer, one, seen)
