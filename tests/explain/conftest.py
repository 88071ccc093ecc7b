"""Small models with random weights, a clip, and one run of each."""

import numpy as np
import pytest

from maagn.checkpoint import Model, Provenance
from maagn.config import ModelSpec, TransformSpec
from maagn.inference import trace
from maagn.types import Clip, ForwardTrace
from maagn.video.transform import from_frames
from tests.nn.small import SPECS, network, spec

LABELS = ("opening", "closing", "folding", "unfolding", "waiting")


def make_model(of: ModelSpec, *, seed: int = 0, gated: bool = True) -> Model:
    return Model(
        name=of.arch,
        network=network(of, seed=seed, gated=gated).requires_grad_(False),
        spec=of,
        labels=LABELS,
        transform=TransformSpec(resize=36, crop=32),
        provenance=Provenance("nothing", "none", 0, 0, 0, 0, "none"),
        digest=f"{of.arch}-{seed}",
    )


def make_clip(*, seed: int = 0, frames: int = 12) -> Clip:
    """Noise, at times that no frame rate explains."""
    noise = np.random.default_rng(seed)
    return from_frames(
        noise.integers(0, 256, (frames, 40, 48, 3), dtype=np.uint8),
        seconds=np.cumsum(noise.uniform(0.02, 0.3, frames)),
    )


@pytest.fixture(scope="session", params=SPECS)
def any_model(request) -> Model:
    return make_model(spec(request.param, stem_pool=False))


@pytest.fixture(scope="session")
def model() -> Model:
    """MAAGN with open gates."""
    return make_model(spec("maagn", stem_pool=False))


@pytest.fixture(scope="session")
def tsn() -> Model:
    return make_model(spec("tsn", stem_pool=False))


@pytest.fixture(scope="session")
def clip() -> Clip:
    return make_clip()


@pytest.fixture(scope="session")
def run(model, clip) -> ForwardTrace:
    """MAAGN's run on the clip."""
    return trace(model, clip)
