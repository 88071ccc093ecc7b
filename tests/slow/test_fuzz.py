"""The short form of `make fuzz`."""

from tests.fuzz.fuzz import Outcome, fuzz
from tests.fuzz.report import usable, write

FILES = 80
SEED = 11


def test_damaged_lying_and_foreign_files(tmp_path):
    found = list(fuzz(FILES, seed=SEED, between=20))
    outcomes = [one for one in found if isinstance(one, Outcome)]
    assert [one for one in found if isinstance(one, str)] == []  # left behind
    assert [outcome for outcome in outcomes if outcome.wrong] == []
    got, of = usable(outcomes)
    assert of > FILES / 3
    assert got >= 0.95 * of
    assert {outcome.frames > 0 for outcome in outcomes} == {True, False}
    assert f"{got} of {of}" in write(outcomes, [], seed=SEED, out=tmp_path)
