"""The server that the tests of closedness share."""

from collections.abc import Iterator

import pytest

from tests.app import hostile
from tests.app.guarded import Guarded, guarded


@pytest.fixture(scope="session")
def closed_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The app without a network, among networks and sets whose names would be markup."""
    folder = tmp_path_factory.mktemp("closed")
    hostile.write_networks(folder / "networks")
    hostile.write_set(folder / "sets", folder / "videos")
    environment = {
        "MAAGN_CHECKPOINTS": str(folder / "networks"),
        "MAAGN_DATASETS": str(folder / "sets"),
    }
    with guarded(folder, environment) as server:
        yield server
