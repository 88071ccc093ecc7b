"""Pairs of one's own classes, given to commands and proposed by one."""

from dataclasses import replace

import pyarrow.parquet as pq
import pytest
import torch
from typer.testing import CliRunner

from maagn.checkpoint import load_model
from maagn.cli import app
from maagn.data import registry
from maagn.label_files import read_class_pairs
from maagn.labels import ClassPairs
from tests.published.layouts import Layout, random_state
from tests.test_cli import write_clip
from tests.tiny import BASELINES, save_tiny

CLASSES = ("Swiping Left", "Swiping Right", "lid up", "lid down", "things left on table")
TABLE = CLASSES[-1]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder with a clip a class."""
    folder = tmp_path_factory.mktemp("set")
    for label in CLASSES:
        (folder / label).mkdir()
        write_clip(folder / label / "a.mp4")
    return folder


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A checkpoint that knows these classes and was given no pairs."""
    path = tmp_path_factory.mktemp("network") / "mine.safetensors"
    return save_tiny(path, spec=replace(BASELINES["tsn"], classes=len(CLASSES)), labels=CLASSES)


@pytest.fixture
def files(tmp_path):
    """The options of two files of pairs."""
    (tmp_path / "pairs.csv").write_text(f"label,opposite,kind\nswiping_left,{TABLE},outcome\n")
    (tmp_path / "sides.csv").write_text(f"{TABLE},{TABLE}\n")
    return ["--opposites", str(tmp_path / "pairs.csv"), "--mirrored", str(tmp_path / "sides.csv")]


def command(*words):
    return CliRunner().invoke(app, list(map(str, words)), env={"COLUMNS": "200"})


def refused(ran):
    """The one line that a command ends with."""
    assert ran.exit_code == 2, ran.output
    assert ran.stderr.count("\n") == 1
    return ran.stderr


def test_proposed_pairs_are_printed_as_a_file_that_can_be_edited_and_given(data, network, tmp_path):
    for source in ([data], ["--model", network]):
        ran = command("data", "pairs", *source)
        assert ran.exit_code == 0, ran.output
        assert sorted(ran.stdout.splitlines()[1:]) == [
            "Swiping Left,Swiping Right,time-reversal",
            "lid down,lid up,time-reversal"
            if source == [data]
            else "lid up,lid down,time-reversal",
        ]
        assert "2 pairs of 5 classes, 2 proposed from their names" in ran.stderr
    (tmp_path / "pairs.csv").write_text(ran.stdout)
    pairs = read_class_pairs(CLASSES, opposites=tmp_path / "pairs.csv").opposites
    assert pairs is not None
    assert [pair.proposed for pair in pairs] == [False, False]
    ran = command("data", "pairs", data, "--mirrored")
    assert ran.stdout == "label,mirrored\nSwiping Left,Swiping Right\n"
    assert f"No partner is known of '{TABLE}'" in ran.stderr


def test_pairs_are_asked_of_a_set_or_of_a_network(data, network):
    assert command("data", "pairs").exit_code == 2
    assert command("data", "pairs", data, "--model", network).exit_code == 2


def test_a_registered_set_keeps_its_pairs(data, files, tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "FOLDER", tmp_path / "sets")
    assert command("data", "register", data, "--name", "mine", *files).exit_code == 0
    pairs = registry.find("mine").pairs
    assert pairs.mirrored == ((TABLE, TABLE),)
    assert [(p.label, p.opposite, p.kind) for p in pairs.opposites or ()] == [
        ("Swiping Left", TABLE, "outcome")
    ]


def test_ten_crops_ask_for_the_partner_and_take_it(data, network, files, tmp_path):
    words = ["evaluate", "--data", data, "--model", network, "--views", "ten-crop"]
    line = refused(command(*words, "--out", tmp_path / "no"))
    assert f"'{TABLE}' is not known: give --mirrored FILE" in line
    assert not (tmp_path / "no").exists()
    ran = command(*words, "--out", tmp_path / "run", *files)
    assert ran.exit_code == 0, ran.output
    assert len(pq.read_table(tmp_path / "run" / "answers.parquet")) == len(CLASSES)
    line = refused(command(*words, "--out", tmp_path / "run", *files[2:]))
    assert "another run, of other pairs" in line
    ran = command("evaluate", "--data", data, "--model", network, "--out", tmp_path / "centre")
    assert ran.exit_code == 0, ran.output


def test_the_opposites_that_a_network_takes_for_each_other_are_printed(data, tmp_path):
    """One that always answers "lid up" is wrong once about this pair."""
    path = save_tiny(
        tmp_path / "one.safetensors",
        spec=replace(BASELINES["tsn"], classes=len(CLASSES)),
        labels=CLASSES,
        always=CLASSES.index("lid up"),
    )
    words = ["evaluate", "--data", data, "--model", path]
    ran = command(*words, "--out", tmp_path / "run")
    assert "lid up <-> lid down" in ran.stdout
    assert "1 of 2" in ran.stdout
    assert "proposed" in ran.stdout
    (tmp_path / "pairs.csv").write_text("lid up,lid down")
    ran = command(*words, "--out", tmp_path / "told", "--opposites", tmp_path / "pairs.csv")
    assert "1 of 2" in ran.stdout
    assert "proposed" not in ran.stdout


def test_an_import_keeps_its_pairs(tmp_path, files):
    torch.save(random_state(Layout("mit-han-lab", arch="tsm"), classes=5), tmp_path / "a.pth")
    (tmp_path / "labels.txt").write_text("\n".join(CLASSES))
    out = tmp_path / "mine.safetensors"
    words = ["import", tmp_path / "a.pth", "--as", "tsm-r50", "--labels", tmp_path / "labels.txt"]
    assert command(*words, "--out", out, *files).exit_code == 0
    model = load_model(out)
    assert model.pairs.mirrored == ((TABLE, TABLE),)
    assert model.relations.unmirrored == ()
    assert model.relations.opposite_of("lid up") is None  # the file is all there is
    assert command(*words, "--out", out).exit_code == 0
    assert load_model(out).pairs == ClassPairs()


@pytest.mark.parametrize("words", [["--opposites", "{file}"], ["--mirrored", "{file}"]])
def test_a_file_of_unknown_classes_is_one_line(words, data, network, tmp_path):
    file = tmp_path / "wrong.csv"
    file.write_text("Swiping Left,Swiping Lift")
    given = [word.format(file=file) for word in words]
    for asked in (
        ["evaluate", "--data", data, "--model", network, "--out", tmp_path / "run"],
        ["data", "register", data, "--name", "wrong"],
        ["train", "tsn-demo", "--out", tmp_path / "a.safetensors"],
    ):
        assert refused(command(*asked, *given)).startswith("wrong.csv names 'Swiping")
    assert command("evaluate", "--model", network, *given).exit_code == 2  # rendered clips
