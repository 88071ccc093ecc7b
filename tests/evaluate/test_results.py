import numpy as np
import pytest

from maagn.errors import ResultsError
from maagn.evaluate.metrics import count
from maagn.evaluate.predictions import opposite_numbers
from maagn.evaluate.results import read_results, write_results
from tests.evaluate.made import answered, random_answers, results

MEGABYTE = 1_000_000


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "deep" / "results.parquet"
    plain, pathed = random_answers("tsn", 60), random_answers("maagn", 60, paths=True)
    write_results(path, results(plain, pathed))
    found = read_results(path)
    assert found.origin == results(plain, pathed).origin
    assert found.models == ("tsn", "maagn")
    for before in (plain, pathed):
        after = found.of(before.model)
        for name in ("clip", "truth", "answer", "top5", "preferred", "reversed_answer"):
            np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
        np.testing.assert_allclose(after.logits, before.logits, rtol=1e-3, atol=1e-6)
    assert found.of("tsn").votes is None
    maagn = found.of("maagn")
    assert maagn.path_frames == (8, 4, 2)
    for name in ("votes", "sdm", "mtam", "gate", "alpha"):
        after, before = getattr(maagn, name), getattr(pathed, name)
        np.testing.assert_allclose(after, before, rtol=1e-3, atol=1e-6)
    assert len(found.table()) == 120
    assert [path.name for path in path.parent.iterdir()] == ["results.parquet"]


def test_half_precision_makes_no_ties(tmp_path):
    """Logits that differ in the fourth digit alone are one number in the file."""
    opposite = int(opposite_numbers()[0])
    predictions = answered([0], [0])
    predictions.logits[0, [0, opposite]] = 10.001, 10
    write_results(tmp_path / "near.parquet", results(predictions))
    found = read_results(tmp_path / "near.parquet").of("m")
    assert found.logits[0, 0] == found.logits[0, opposite]
    assert count(found).within_pair.value == 1


def test_four_models_on_the_test_split_stay_small(tmp_path):
    path = tmp_path / "results.parquet"
    names = ("tsn", "tsm", "tpn", "maagn")
    predictions = [random_answers(n, 1920, classes=32, paths=n == "maagn") for n in names]
    write_results(path, results(*predictions, classes=32))
    assert path.stat().st_size < 3 * MEGABYTE


def test_files_of_others_are_refused_by_name(tmp_path):
    with pytest.raises(ResultsError, match="no none"):
        read_results(tmp_path / "none.parquet")
    (tmp_path / "bad.parquet").write_bytes(b"no")
    with pytest.raises(ResultsError, match="holds no results"):
        read_results(tmp_path / "bad.parquet")


def test_an_unknown_model_is_named():
    with pytest.raises(ResultsError, match="no results of x, only of tsn"):
        results(random_answers("tsn", 3)).of("x")
