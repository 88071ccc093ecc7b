import pytest

from maagn.errors import ModelError
from maagn.nn.build import PRESETS
from maagn.train.state import changed

DEMO = PRESETS["maagn-demo"]


def test_every_kind_of_setting_can_be_changed():
    words = (
        ("fusion", "sdm>mtam"),
        ("width", "8"),
        ("shift", "False"),
        ("dropout", "0.1"),
        ("levels", "4,5"),
        ("rates", "(1,2)"),
    )
    spec = changed(DEMO, words)
    assert (spec.fusion, spec.width, spec.shift) == ("sdm>mtam", 8, False)
    assert (spec.dropout, spec.levels, spec.rates) == (0.1, (4, 5), (1, 2))
    assert spec.depth == DEMO.depth


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("wisdom", "1", "no setting wisdom"),
        ("classes", "3", "no setting classes"),  # the data's
        ("fusion", "glue", "one of none, sdm"),
        ("width", "wide", "a whole number"),
        ("shift", "maybe", "true or false"),
        ("levels", "4;5", "commas"),
    ],
)
def test_a_change_that_cannot_be_is_told(name, text, words):
    with pytest.raises(ModelError, match=words):
        changed(DEMO, ((name, text),))
