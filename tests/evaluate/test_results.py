import json
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

from maagn.errors import ResultsError
from maagn.evaluate.metrics import count
from maagn.evaluate.results import clips_folder, read_results, write_results
from maagn.opposites.clip import opposite_numbers
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


def test_the_divergence_is_kept_where_there_is_one_and_files_without_the_column_are_read(tmp_path):
    path = tmp_path / "results.parquet"
    plain = answered([0, 1], [0, 1])
    write_results(path, results(replace(plain, divergence=np.array([0.25, 1e-8], np.float32))))
    assert read_results(path).of("m").divergence.tolist() == [0.25, np.float32(1e-8)]
    write_results(path, results(plain))
    assert read_results(path).of("m").divergence is None
    table = pq.read_table(path)
    pq.write_table(table.drop_columns(["divergence"]), path)
    assert read_results(path).of("m").divergence is None
    assert read_results().of("maagn-demo").divergence is None  # made before it was kept


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
    write_results(path, results(*predictions))
    assert path.stat().st_size < 3 * MEGABYTE


def test_files_of_others_are_refused_by_name(tmp_path):
    with pytest.raises(ResultsError, match="no none"):
        read_results(tmp_path / "none.parquet")
    (tmp_path / "bad.parquet").write_bytes(b"no")
    with pytest.raises(ResultsError, match="holds no results"):
        read_results(tmp_path / "bad.parquet")


def rewritten(path, **changes):
    """The same file with another header."""
    table = pq.read_table(path)
    header = json.loads(table.schema.metadata[b"maagn"]) | changes
    pq.write_table(table.replace_schema_metadata({"maagn": json.dumps(header)}), path)


@pytest.mark.parametrize("classes", [1, 2, 3, 5, 6])
def test_few_classes_are_read_as_they_were_written(tmp_path, classes):
    path = tmp_path / "few.parquet"
    numbers = list(range(classes))
    opposites = {2: [1, 0], 3: [2, -1, 0]}.get(classes, [-1] * classes)
    labels = tuple(f"class {number}" for number in numbers)
    before = answered(numbers, numbers[::-1], labels=labels, opposites=opposites, split="left out")
    write_results(path, results(before, clips=tuple(f"{number}.mp4" for number in numbers)))
    found = read_results(path)
    assert found.origin.clips == tuple(f"{number}.mp4" for number in numbers)
    after = found.of("m")
    assert (after.labels, after.split) == (labels, "left out")
    assert after.opposites.tolist() == opposites
    assert after.top5.shape == (classes, min(5, classes))
    for name in ("clip", "truth", "answer", "top5", "logits", "preferred", "reversed_answer"):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
    assert str(count(after)) == str(count(before))  # of nothing a share is NaN


@pytest.fixture
def two(tmp_path):
    """Results of two clips that are files, and a file beside their folder."""
    path = tmp_path / "set" / "left-out.parquet"
    predictions = answered([0, 1], [0, 1], labels=("in", "out"), opposites=[1, 0])
    write_results(path, results(predictions, clips=("a.mp4", "b/c.mp4")))
    (tmp_path / "elsewhere.mp4").touch()
    (path.parent / "link.mp4").symlink_to(tmp_path / "elsewhere.mp4")
    (path.parent / "set").symlink_to(tmp_path)
    return path


@pytest.mark.parametrize(
    "clip",
    ["../elsewhere.mp4", "b/../../a.mp4", "{folder}/a.mp4", "link.mp4", "set/elsewhere.mp4"],
)
def test_a_clip_that_leads_out_of_the_folder_is_refused(two, clip):
    clips = (clip.format(folder=two.parent), "a.mp4")
    with pytest.raises(ResultsError, match="which leads out of its folder"):
        write_results(two, results(*read_results(two), clips=clips))
    assert read_results(two).origin.clips == ("a.mp4", "b/c.mp4")
    rewritten(two, clips=clips)
    with pytest.raises(ResultsError, match="which leads out of its folder"):
        read_results(two)


def test_clips_may_lie_in_another_folder_and_have_names(two, tmp_path):
    elsewhere, names = tmp_path / "clips", ("first", "second")
    clips = ("a.mp4", "b/c.mp4")
    predictions = tuple(read_results(two))

    def written(**changes):
        write_results(two, results(*predictions, **{"clips": clips, "names": names} | changes))

    written(folder=str(elsewhere))
    origin = read_results(two).origin
    assert clips_folder(two, origin) == elsewhere
    assert [origin.clip_name(number) for number in (0, 1)] == list(names)
    with pytest.raises(ResultsError, match="which leads out of its folder"):
        written(clips=("../x.mp4", "a"), folder=str(elsewhere))
    rewritten(two, names=["first"])
    with pytest.raises(ResultsError, match="can read"):
        read_results(two)


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": ["in"]},
        {"labels": ["in", "out", "still"]},
        {"opposites": [1]},
        {"opposites": [1, -1]},
        {"opposites": [0, 1]},
        {"opposites": [2, 2]},
        {"opposites": None},
        {"clips": ["a.mp4"]},
        {"clips": 2},
        {"clips": ["a.mp4", "\0"]},
        {"format": "maagn-results-1"},
        {"format": "maagn-results-2"},  # which was of the benchmark's classes
        {"more": 1},
    ],
)
def test_a_header_that_does_not_fit_the_rows_is_refused(two, changes):
    rewritten(two, **changes)
    with pytest.raises(ResultsError, match="holds no results"):
        read_results(two)


def test_an_unknown_model_is_named():
    with pytest.raises(ResultsError, match="no results of x, only of tsn"):
        results(random_answers("tsn", 3)).of("x")
