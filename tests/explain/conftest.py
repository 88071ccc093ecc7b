"""Small models with random weights, a clip, and one run of each."""

import pytest

from maagn.checkpoint import Model
from maagn.inference import trace
from maagn.types import Clip, ForwardTrace
from tests.tiny import SPECS, make_clip, make_model, spec


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
