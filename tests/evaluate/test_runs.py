"""Runs of the command line are read as results, and those of two runs are brought together."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maagn.data.mapping import relabelled
from maagn.errors import ResultsError
from maagn.evaluate.align import align
from maagn.evaluate.metrics import confusion, count
from maagn.evaluate.plan import Plan
from maagn.evaluate.prediction_rows import PredictionRows
from maagn.evaluate.queries import Queries
from maagn.evaluate.results import Results
from maagn.evaluate.runner import run
from maagn.evaluate.runs import find_run, read_run, runs
from maagn.evaluate.store import ANSWER_ROWS, ANSWERS, MANIFEST, SOURCE
from tests.evaluate.made import answered, results
from tests.tiny import BASELINES, SPEC, make_model

LABELS = ("Opening something", "Folding something", "Closing something")


def evaluated(folder, videos, *models):
    videos = relabelled(videos, models[0].labels)
    plan = Plan.of(models, videos, batch=4)
    run(folder, plan, videos, PredictionRows(plan, models))
    return folder


@pytest.fixture(scope="module")
def models():
    maagn, tsn = (
        make_model(replace(SPEC, classes=3)),
        make_model(replace(BASELINES["tsn"], classes=3)),
    )
    return (
        replace(maagn, name="one", labels=LABELS, digest="1" * 64),
        replace(tsn, name="two", labels=LABELS, digest="2" * 64),
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory, odd_set, models):
    """Two runs on the same ten videos, of which four cannot be read, one of them deep down."""
    root = tmp_path_factory.mktemp("runs")
    evaluated(root / "both", odd_set, *models)
    turned = replace(models[1], name="three", labels=LABELS[::-1], digest="3" * 64)
    evaluated(root / "later" / "turned", odd_set, turned)
    return root


def test_a_run_of_the_command_line_is_read_as_results(root, odd_set):
    found = read_run(root / "both")
    assert found.models == ("one", "two")
    assert found.origin.digests == {"one": "1" * 64, "two": "2" * 64}
    assert found.origin.left_out == 4
    first = found.of("one")
    assert first.labels == LABELS
    assert first.opposites.tolist() == [2, -1, 0]
    assert first.reversed_answer is None
    rows = pq.read_table(root / "both" / ANSWERS).to_pandas()
    rows = rows[(rows["model"] == "one") & rows["answer"].notna()]
    np.testing.assert_array_equal(first.clip, rows["place"])
    np.testing.assert_array_equal(first.logits, np.stack(rows["logits"]))
    for number, clip in zip(first.clip.tolist(), first.truth, strict=True):
        video = odd_set.videos[number]
        assert found.origin.clip_name(number) == video.id
        assert odd_set.folder / found.origin.clips[number] == video.path
        assert LABELS[clip] == odd_set.labels[video.label]
    assert found.origin.folder == str(odd_set.folder)


def test_figures_are_those_that_the_queries_give(root):
    queries, found = Queries(root / "both"), read_run(root / "both")
    for row in queries.overall().itertuples():
        counted = count(found.of(row.model))
        assert (counted.clips, counted.top1.value, counted.top5.value) == (
            row.clips,
            row.top1,
            row.top5,
        )
        assert np.isnan(counted.reversal_flips.value)
        np.testing.assert_array_equal(confusion(found.of(row.model)), queries.confusion(row.model))


def test_runs_are_found_latest_first_under_their_folders_names(root, tmp_path):
    assert [one.name for one in runs(root)] == ["later/turned", "both"]
    assert find_run("later/turned", root).read().models == ("three",)
    for name in ("nothing", "", "../runs/both", "later"):
        with pytest.raises(ResultsError, match="no finished run"):
            find_run(name, root)
    assert runs(tmp_path / "nowhere") == ()


def test_an_unfinished_a_damaged_and_another_run_are_left_out(root, tmp_path, odd_set, models):
    evaluated(tmp_path / "cut", odd_set, models[0])
    (tmp_path / "cut" / ANSWERS).unlink()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / MANIFEST).write_text("{}")
    (tmp_path / "broken" / ANSWERS).write_bytes(b"PAR1")
    assert runs(tmp_path) == ()
    with pytest.raises(ResultsError, match="cut holds no finished run"):
        read_run(tmp_path / "cut")
    for content in (b"", b"no table"):
        (tmp_path / "cut" / ANSWERS).write_bytes(content)
        with pytest.raises(ResultsError, match="cut holds no finished run"):
            read_run(tmp_path / "cut")
    table = pq.read_table(root / "both" / ANSWERS)
    pq.write_table(table.slice(3), tmp_path / "cut" / ANSWERS)
    with pytest.raises(ResultsError, match="cut holds no finished run"):
        read_run(tmp_path / "cut")


def test_a_folder_of_something_else_is_no_damaged_run(tmp_path):
    """Nobody is told to remove a folder that never was a run."""
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ResultsError, match="holds no finished run"):
            read_run(path)


def test_a_run_without_its_source_is_read_and_cannot_be_watched(tmp_path, odd_set, models):
    folder = evaluated(tmp_path / "old", odd_set, models[0])
    (folder / SOURCE).unlink()
    assert read_run(folder).origin.folder == ""
    (folder / SOURCE).write_text(json.dumps({"folder": 3}))
    assert read_run(folder).origin.folder == ""


def test_no_clip_with_a_prediction(tmp_path, odd_set, models):
    folder = evaluated(tmp_path / "none", odd_set, models[0])
    table = pq.read_table(folder / ANSWERS).to_pandas()
    for column in ("answer", "probability", "top5", "logits"):
        table[column] = None
    pq.write_table(pa.Table.from_pandas(table, schema=ANSWER_ROWS), folder / ANSWERS)
    with pytest.raises(ResultsError, match="No clip of odd"):
        read_run(folder)


def test_two_runs_meet_on_their_common_clips(root):
    both, later = read_run(root / "both"), read_run(root / "later" / "turned")
    two, three = align(both, "two", later, "three")
    assert three.labels == two.labels == LABELS
    for name in ("clip", "truth", "opposites"):
        np.testing.assert_array_equal(getattr(two, name), getattr(three, name))
    # The same weights in another order of classes: the same logits, class by class.
    whole = later.of("three")
    np.testing.assert_array_equal(three.logits, whole.logits[:, ::-1])
    assert [LABELS[i] for i in three.answer] == [LABELS[::-1][i] for i in whole.answer]
    assert [LABELS[i] for i in three.top5[:, 0]] == [LABELS[i] for i in three.answer]


def test_clips_of_one_run_alone_are_left_out():
    few, many = answered([0, 1, 2], [0, 0, 2], model="few"), answered([0, 1, 2, 3], [0] * 4)
    first, second = align(results(few), "few", results(many), "m")
    assert first.clip.tolist() == second.clip.tolist() == [0, 1, 2]
    other = answered([5, 5, 5], [0, 0, 0], model="other")
    with pytest.raises(ResultsError, match="few and other have no clip in common"):
        align(results(few), "few", results(other), "other")
    files = Results((many,), replace(results(many).origin, clips=tuple("abcd"), folder="/x"))
    with pytest.raises(ResultsError, match="no clip in common"):
        align(results(few), "few", files, "m")
    moved = Results((many,), replace(files.origin, folder="/y"))
    with pytest.raises(ResultsError, match="no clip in common"):
        align(files, "m", moved, "m")
    named = answered([0], [0], model="named", labels=("a", "b"), opposites=[1, 0])
    with pytest.raises(ResultsError, match="do not know the same classes"):
        align(results(few), "few", results(named), "named")


def test_results_of_one_order_are_written_and_read(tmp_path):
    from maagn.evaluate.results import read_results, write_results

    once = replace(answered([0, 1], [0, 1]), reversed_answer=None)
    write_results(tmp_path / "once.parquet", results(once))
    assert read_results(tmp_path / "once.parquet").of("m").reversed_answer is None
    assert isinstance(results(once).table(), pd.DataFrame)
