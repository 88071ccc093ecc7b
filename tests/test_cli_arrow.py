import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from maagn.cli import app
from maagn.evaluate.results import SHIPPED, read_results, write_results
from maagn.video.encode import write_mp4
from tests.tiny import BASELINES, save_tiny, square_frames

run = CliRunner().invoke


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("given")


@pytest.fixture(scope="module")
def clip(folder):
    path = folder / "square.mp4"
    write_mp4(path, square_frames(16), seconds=np.arange(16) / 10)
    return path


@pytest.fixture(scope="module")
def networks(folder):
    paths = [save_tiny(folder / f"tiny-{n}.safetensors", spec=s) for n, s in BASELINES.items()]
    return [word for path in paths for word in ("--model", str(path))]


def test_a_clip_in_both_directions_and_in_the_orders_between(clip, networks, tmp_path):
    done = run(app, ["arrow", str(clip), *networks, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "Smallest set" in done.stdout
    content = json.loads((tmp_path / "out" / "arrow.json").read_text())
    assert content["schema"] == "maagn-arrow-1"
    tsn, tsm = content["models"]
    assert tsn["model"] == "tiny-tsn"
    assert tsn["divergence_nats"] == 0
    assert tsn["neighbour_swaps_nats"] == [0] * 7
    assert tsn["smallest_set"] == {
        "frames": None, "then": None, "no_smaller_set": True, "tried": 127,
    }  # fmt: skip
    assert tsn["shuffles"]["breaks_at"] is None
    assert tsn["shuffles"]["kept"] == tsn["shuffles"]["trials"]
    assert tsm["divergence_nats"] > 0
    assert len(tsm["shuffles"]["kept_95"]) == len(tsm["shuffles"]["strengths"])
    printed = run(app, ["arrow", str(clip), *networks, "--json"])
    assert json.loads(printed.stdout) == content


def test_the_pairs_of_a_run(tmp_path):
    done = run(app, ["arrow", "--run", str(SHIPPED), "--json"])
    assert done.exit_code == 0, done.output
    content = json.loads(done.stdout)
    assert content["without_order"] == ["tsn-demo"]
    assert ["Moving something up", "Moving something down"] in content["by_order_alone"]
    told = run(app, ["arrow", "--run", str(SHIPPED)])
    assert "of 17 pairs are told by order alone" in told.stdout
    one_way = tmp_path / "one-way.parquet"
    results = read_results()
    write_results(
        one_way,
        replace(
            results,
            predictions=tuple(replace(one, reversed_answer=None) for one in results),
        ),
    )
    refused = run(app, ["arrow", "--run", str(one_way)])
    assert refused.exit_code == 2
    assert "maagn evaluate --reversed" in refused.stderr


def test_a_clip_or_a_run_and_not_both(clip):
    for words in ([], [str(clip), "--run", str(SHIPPED)]):
        done = run(app, ["arrow", *words])
        assert done.exit_code == 2
        assert "give a clip, or --run RUN" in done.stderr
