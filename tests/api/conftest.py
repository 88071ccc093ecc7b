"""One tiny network in a folder of networks, and a report by it."""

from pathlib import Path

import jaxtyping
import pytest

from maagn import checkpoint
from maagn.api.report import Report
from maagn.checkpoint import Model, load_model
from maagn.explain.report import explain
from tests.tiny import save_tiny, tiny_clip

GALLERY = Path(__file__).parents[2] / "app" / "gallery"
OPENING = GALLERY / "06-opening-something-0.mp4"


@pytest.fixture(scope="session")
def networks(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("networks")
    save_tiny(folder / "tiny.safetensors")
    return folder


@pytest.fixture(autouse=True)
def at_home(networks, monkeypatch):
    """Names are looked for among the tiny networks."""
    monkeypatch.setattr(checkpoint, "FOLDER", networks)


@pytest.fixture
def as_people_run_it(monkeypatch):
    """Without the check of types, which the tests alone have."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


@pytest.fixture(scope="session")
def model(networks) -> Model:
    return load_model(networks / "tiny.safetensors")


@pytest.fixture(scope="session")
def report(model) -> Report:
    return Report.of(explain(model, tiny_clip()))
