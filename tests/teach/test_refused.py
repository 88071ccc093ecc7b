from pathlib import Path

import pytest

from maagn.errors import TeachError
from maagn.teach.teach import teach
from tests import own_kind
from tests.teach.squares import drawn
from tests.tiny import make_model, spec


@pytest.mark.usefixtures("own_table")
def test_a_network_without_a_linear_classifier_cannot_be_taught(tmp_path):
    own_kind.register(own_kind.Headless)
    models = [make_model(spec("tsn")), make_model(own_kind.SPEC)]
    with pytest.raises(TeachError, match="mine has no linear classifier to be taught"):
        teach(drawn(), models, tmp_path, features=tmp_path / "kept", folder=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("own_table")
def test_one_of_somebodys_own_is_taught_as_any_other(tmp_path):
    own_kind.register()
    models, kept = [make_model(own_kind.SPEC)], tmp_path / "kept"
    made = teach(drawn(), models, tmp_path, features=kept, folder=Path("drawn"))
    assert [network.name for network in made.networks] == ["squares-mine"]
