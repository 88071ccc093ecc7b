"""What DuckDB answers is what counting by hand gives."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from maagn.bench.synthetic import make_up
from maagn.errors import QueryError
from maagn.evaluate.queries import Queries
from maagn.evaluate.store import ANSWER_ROWS, ANSWERS, MANIFEST, VIDEOS

CLIPS, CLASSES = 400, 7


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run with some videos that could not be read, and some without a class."""
    path = tmp_path_factory.mktemp("runs") / "run"
    make_up(path, clips=CLIPS, classes=CLASSES, models=2)
    table = pq.read_table(path / ANSWERS).to_pandas()
    unread = table["place"] % 50 == 3
    table.loc[unread, "reason"] = "It is empty."
    for column in ("answer", "probability", "top5", "logits"):
        table[column] = table[column].astype(object).where(~unread, None)
    table["label"] = table["label"].astype(object).where(table["place"] % 40 != 1, None)
    labels = ["Opening something", "Closing something", *(f"Class {i}" for i in range(5))]
    (path / MANIFEST).write_text(json.dumps({"labels": labels}))
    pq.write_table(pa.Table.from_pandas(table, schema=ANSWER_ROWS), path / ANSWERS)
    return path


@pytest.fixture(scope="module")
def rows(folder):
    return pq.read_table(folder / ANSWERS).to_pandas()


def asked(rows, model):
    mine = rows[(rows["model"] == model) & rows["answer"].notna() & rows["label"].notna()]
    return mine.astype({"label": int, "answer": int})


def test_overall_counts_the_unreadable_apart(folder, rows):
    found = Queries(folder).overall().set_index("model")
    for model in ("model-0", "model-1"):
        mine = asked(rows, model)
        assert found.loc[model, "clips"] == len(mine) < CLIPS
        assert found.loc[model, "unreadable"] == 8
        assert found.loc[model, "top1"] == pytest.approx((mine["label"] == mine["answer"]).mean())
        among = [label in top for label, top in zip(mine["label"], mine["top5"], strict=True)]
        assert found.loc[model, "top5"] == pytest.approx(np.mean(among))


def test_classes_matrix_and_pairs(folder, rows):
    queries = Queries(folder)
    mine = asked(rows, "model-1")
    counts = np.zeros((CLASSES, CLASSES), int)
    np.add.at(counts, (mine["label"], mine["answer"]), 1)
    assert np.array_equal(queries.confusion("model-1"), counts)
    classes = queries.per_class("model-1")
    assert list(classes["right"]) == list(counts.diagonal())
    assert list(classes["clips"]) == list(counts.sum(axis=1))
    pairs = queries.pairs("model-1")
    for row in pairs.itertuples():
        assert row.errors == counts[row.label, row.other] + counts[row.other, row.label] > 0
        assert row.clips == counts[row.label].sum() + counts[row.other].sum()
    assert pairs["errors"].sum() == counts.sum() - counts.trace()
    assert list(pairs["errors"]) == sorted(pairs["errors"], reverse=True)
    assert list(pairs[pairs["opposites"]]["first"]) == ["Opening something"]


def test_opposites_are_those_that_the_run_was_told_or_proposals(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "run")
    manifest = tmp_path / "run" / MANIFEST
    labels = ["lid up", "lid down", *(f"Class {i}" for i in range(5))]
    manifest.write_text(json.dumps({"labels": labels}))
    pairs = Queries(tmp_path / "run").pairs("model-0")
    assert set(pairs[pairs["opposites"]]["first"]) == {"lid up"}
    assert list(pairs["proposed"]) == list(pairs["opposites"])
    given = {"opposites": [["Class 0", "Class 1", "outcome"]]}
    manifest.write_text(json.dumps({"labels": labels, "pairs": given}))
    pairs = Queries(tmp_path / "run").pairs("model-0")
    assert set(pairs[pairs["opposites"]]["first"]) == {"Class 0"}
    assert not pairs["proposed"].any()


def test_a_cell_gives_its_clips_surest_first(folder, rows):
    mine = asked(rows, "model-0")
    wanted = mine[(mine["label"] == 2) & (mine["answer"] == 2)]
    wanted = wanted.sort_values(["probability", "place"], ascending=[False, True])
    found = Queries(folder).cell("model-0", label=2, answer=2)
    assert list(found["place"]) == list(wanted["place"])
    assert list(found["path"]) == [f"{one}.webm" for one in wanted["id"]]
    part = Queries(folder).cell("model-0", label=2, answer=2, limit=3, offset=2)
    assert list(part["place"]) == list(wanted["place"])[2:5]


def test_fixed_and_broken(folder, rows):
    both = asked(rows, "model-0").merge(asked(rows, "model-1"), on="place", suffixes=("", "_2"))
    right, right_2 = both["answer"] == both["label"], both["answer_2"] == both["label"]
    queries = Queries(folder)
    fixed = queries.changed("model-0", "model-1", fixed=True, limit=999)
    broken = queries.changed("model-0", "model-1", fixed=False, limit=999)
    assert set(fixed["place"]) == set(both[~right & right_2]["place"])
    assert set(broken["place"]) == set(both[right & ~right_2]["place"])
    assert len(fixed)
    assert len(broken)


def test_the_unreadable_are_listed_once_with_their_reason(folder):
    found = Queries(folder).unreadable()
    assert list(found["place"]) == list(range(3, CLIPS, 50))
    assert set(found["reason"]) == {"It is empty."}


def test_what_is_no_run_is_named(tmp_path, folder):
    with pytest.raises(QueryError, match="no finished run"):
        Queries(tmp_path)
    for name in (ANSWERS, VIDEOS, MANIFEST):
        (tmp_path / name).write_bytes(b"nothing of the kind")
    with pytest.raises(QueryError, match="no finished run"):
        Queries(tmp_path)
    with pytest.raises(QueryError, match="ask about model-0, model-1"):
        Queries(folder).confusion("model-0' OR 1=1")


def test_the_bench_measures_at_size():
    """At the size of the targets, 50,000 x 174 x 3; how long it takes is in the benchmark."""
    command = [sys.executable, "-m", "maagn", "bench", "queries", "--json"]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(ran.stdout)
    assert min(found["slowest_cell"], found["page"]) > 0
    assert found["megabytes"] < 500
