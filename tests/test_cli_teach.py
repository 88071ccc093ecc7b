"""`maagn teach`, from a folder of clips to networks that open by name."""

import json
import re
import shlex
import shutil
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from maagn import checkpoint
from maagn.checkpoint import load_model
from maagn.cli import app
from maagn.errors import TeachError
from maagn.evaluate.metrics import count
from maagn.evaluate.results import read_results
from maagn.inference import predict
from maagn.teach import features
from maagn.teach.examples import check_name, groups_of_names, read_groups
from maagn.teach.report import read_teaching
from maagn.video.encode import write_mp4
from maagn.video.read import read_clip
from tests.tiny import BASELINES, SPEC, save_tiny, square_frames

LABELS = ("Going in", "Going out")


def write_clips(folder, *, each=3, labels=LABELS):
    """A square that goes to the right, from another height in each clip; backwards in the second
    class."""
    for number, label in enumerate(labels):
        (folder / label).mkdir(parents=True)
        for clip in range(each):
            frames = np.roll(square_frames(), 3 * clip + number, axis=1)[:: 1 - 2 * (number % 2)]
            write_mp4(folder / label / f"ann-{clip}.mp4", frames, seconds=np.arange(16) / 10)
    return folder


@pytest.fixture
def work(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path / "checkpoints")
    monkeypatch.chdir(tmp_path)
    save_tiny(tmp_path / "checkpoints" / "tiny-maagn.safetensors", spec=SPEC)
    save_tiny(tmp_path / "checkpoints" / "tiny-tsn.safetensors", spec=BASELINES["tsn"])
    return tmp_path


def run(*arguments, code=0):
    starts = ("--start", "tiny-maagn", "--start", "tiny-tsn")
    found = CliRunner().invoke(app, ["teach", *map(str, arguments), *starts])
    assert found.exit_code == code, found.output
    return found


def test_from_clips_to_networks(work):
    clips = write_clips(work / "clips")
    found = run(clips, "--name", "square")
    assert "Played backwards, Going in shows Going out" in found.stderr
    folder = work / "checkpoints" / "square"
    report = read_teaching(folder)
    assert [network.name for network in report.networks] == ["square-maagn", "square-tsn"]
    assert report.clips == (3, 3)
    assert report.opposites == (LABELS,)
    maagn, tsn = report.networks
    assert tsn.right.hits == 3  # by construction, half
    assert len(maagn.strengths) == 3
    model = load_model("square-maagn")
    assert model.labels == LABELS
    assert model.relations.opposite_of("Going in") == "Going out"
    path = clips / "Going in" / "ann-0.mp4"
    assert predict(
        model, read_clip(path, samplings=(model.sampling,))
    ).probabilities.sum() == pytest.approx(1)
    assert (folder / "square-maagn.safetensors").stat().st_size < 20_000


def test_left_out_predictions_are_a_run_like_any_other(work):
    run(write_clips(work / "clips"), "--name", "square")
    folder = work / "checkpoints" / "square"
    results = read_results(folder / "left-out.parquet")
    report = read_teaching(folder)
    for network in report.networks:
        counted = count(results.of(network.name))
        assert counted.top1.hits == network.right.hits
        assert counted.clips == 6
        assert (
            results.origin.digests[network.name]
            == network.digest
            == load_model(network.name).digest
        )
    assert results.origin.names[0] == "Going in/ann-0.mp4"
    assert results.origin.folder == str(work / "clips")


def test_the_same_clips_give_the_same_files_and_nothing_is_computed_twice(work, monkeypatch):
    clips = write_clips(work / "clips")
    run(clips, "--name", "square")
    folder = work / "checkpoints" / "square"
    first = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".json"}
    monkeypatch.setattr(features, "_computed", lambda *_: pytest.fail("computed again"))
    run(clips, "--name", "square")
    again = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".json"}
    assert first == again


def test_clips_beside_the_networks_are_named_from_there(work):
    clips = write_clips(work / "checkpoints" / "square" / "clips")
    run(clips, "--name", "square")
    results = read_results(work / "checkpoints" / "square" / "left-out.parquet")
    assert results.origin.clips[0] == "clips/Going in/ann-0.mp4"
    assert results.origin.folder == ""
    shutil.move(work / "checkpoints" / "square", work / "moved")
    assert read_results(work / "moved" / "left-out.parquet").origin.clips == results.origin.clips


def test_two_networks_of_one_kind_keep_a_file_each(work):
    other = replace(BASELINES["tsn"], width=4)
    save_tiny(work / "checkpoints" / "other-tsn.safetensors", spec=other)
    run(write_clips(work / "clips"), "--name", "square", "--start", "other-tsn")
    folder = work / "checkpoints" / "square"
    report, results = read_teaching(folder), read_results(folder / "left-out.parquet")
    names = ["square-other-tsn", "square-maagn", "square-tiny-tsn"]
    assert [network.name for network in report.networks] == list(results.models) == names
    for network in report.networks:
        assert load_model(network.name).digest == network.digest
        assert load_model(network.name).taught.base == network.base


def test_the_command_that_is_kept_teaches_the_same_again(work):
    clips = write_clips(work / "my clips")
    (work / "pairs.csv").write_text("Going in,Going out\n")
    run(clips, "--name", "square", "--opposites", "pairs.csv", "--layout", "class-folders")
    folder = work / "checkpoints" / "square"
    command = read_teaching(folder).command
    first = (folder / "square-maagn.safetensors").read_bytes()
    found = CliRunner().invoke(app, shlex.split(command)[1:])
    assert found.exit_code == 0, found.output
    assert (folder / "square-maagn.safetensors").read_bytes() == first
    run(clips, "--name", "square", "--no-reversal")
    assert read_teaching(folder).command.endswith(
        "--no-reversal --start tiny-maagn --start tiny-tsn"
    )


def test_as_json(work):
    found = run(write_clips(work / "clips"), "--name", "square", "--json")
    values = json.loads(found.stdout)
    assert values["collection"] == "square"
    assert {leak["reader"] for leak in values["leaks"]} == {"first frame", "mean frame", "TSN"}


def test_without_reversals(work):
    run(write_clips(work / "clips"), "--name", "square", "--no-reversal")
    report = read_teaching(work / "checkpoints" / "square")
    assert report.opposites == ()
    assert report.networks[0].reversed is None


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda f: write_clips(f, labels=LABELS[:1]), "has one class, Going in"),
        (lambda f: write_clips(f, each=1), "Going in has 1 clip that can be read"),
        (
            lambda f: [path.write_bytes(b"no") for path in write_clips(f).glob("*/*.mp4")],
            "Going in has 0 clips that can be read.*ann-0",
        ),
        (
            lambda f: shutil.copy(
                write_clips(f) / LABELS[0] / "ann-0.mp4", f / LABELS[1] / "ben.mp4"
            ),
            "ben.mp4 has the content of Going in/ann-0.mp4: keep it in one class",
        ),
        (lambda f: f.mkdir(), "none of"),
    ],
)  # fmt: skip
def test_what_cannot_be_taught_from_is_said_in_a_sentence(work, prepare, message):
    prepare(work / "clips")
    found = run(work / "clips", "--name", "square", code=2)
    last = found.stderr.strip().splitlines()[-1]
    assert re.search(message, last), last
    assert not (work / "checkpoints" / "square").exists()


def test_five_thousand_clips_are_too_many_for_heads(work):
    clips = write_clips(work / "clips")
    for label in LABELS:
        for number in range(2500):
            (clips / label / f"more-{number}.mp4").hardlink_to(clips / label / "ann-0.mp4")
    found = run(clips, "--name", "square", code=2)
    assert "5,006 clips are more than heads need: give at most 2,000" in found.stderr


def test_a_bad_clip_among_good_ones_is_told_of(work):
    clips = write_clips(work / "clips")
    (clips / LABELS[0] / "bad.mp4").write_bytes(b"no video")
    found = run(clips, "--name", "square")
    assert "bad.mp4" in found.stdout
    report = read_teaching(work / "checkpoints" / "square")
    assert report.clips == (3, 3)
    assert len(report.skipped) == 1


def test_groups_are_left_out_together(work):
    clips = write_clips(work / "clips", each=4)
    rows = [f"{label}/ann-{n}.mp4,{'a' if n < 2 else 'b'}" for label in LABELS for n in range(4)]
    (work / "groups.csv").write_text("file,group\n" + "\n".join(rows) + "\n")
    run(clips, "--name", "square", "--groups", work / "groups.csv")
    report = read_teaching(work / "checkpoints" / "square")
    assert (report.left_out, report.parts) == ("group", 2)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".x", "x" * 41, "-x"])
def test_names_that_could_not_be_files_are_refused(name):
    with pytest.raises(TeachError, match="cannot be the name"):
        check_name(name)


def test_groups_by_names_and_by_columns(tmp_path):
    ids = ["in/ann-1.mp4", "in/ann-2.mp4", "out/ben_1.mp4", "out/ben.mp4"]
    assert list(groups_of_names(ids).values()) == ["ann", "ann", "ben", "ben"]
    with pytest.raises(TeachError, match="tell no two groups of clips"):
        groups_of_names(["in/1.mp4", "in/2.mp4"])
    table = tmp_path / "clips.csv"
    table.write_text(
        "file,place,who\nann-1.mp4,a,x\nin/ann-2.mp4,a,y\nben_1.mp4,b,x\nben.mp4,b,x\n"
    )
    found = read_groups(table, ids, columns=["place", "who"])
    assert list(found.values()) == ["a / x", "a / y", "b / x", "b / x"]
    with pytest.raises(TeachError, match="has no column room: it has file, place, who"):
        read_groups(table, ids, columns=["room"])
    with pytest.raises(TeachError, match=r"no row for in/carl\.mp4"):
        read_groups(table, ["in/carl.mp4"], columns=["place"])
    with pytest.raises(TeachError, match="cannot be read as CSV"):
        read_groups(tmp_path / "none.csv", ids, columns=["place"])
