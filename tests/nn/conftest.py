import jaxtyping
import pytest


@pytest.fixture
def unchecked(monkeypatch):
    """No annotations executed, as outside the tests: what a module itself says about a name."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
