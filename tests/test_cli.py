import json
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import maagn.checkpoint
from maagn.cli import app
from maagn.cli.failure import appearing_in
from maagn.evaluate.audit_file import audit_record, read_audit
from maagn.folders import SHIPPED
from maagn.video.encode import write_mp4
from tests.tiny import BASELINES, LABELS, save_tiny, square_frames

run = CliRunner().invoke
MAAGN_DEMO = maagn.checkpoint.find("maagn-demo").resolve()


def write_clip(path, count=16):
    write_mp4(path, square_frames(count), seconds=np.arange(count) / 10)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("given")


@pytest.fixture(scope="module")
def clip(folder):
    return write_clip(folder / "square.mp4")


@pytest.fixture(scope="module")
def maagn_file(folder):
    return save_tiny(folder / "tiny-maagn.safetensors")


@pytest.fixture(scope="module")
def tsm_file(folder):
    return save_tiny(folder / "tiny-tsm.safetensors", spec=BASELINES["tsm"])


def explain(clip, *models, **options):
    words = ["explain"]
    for model in models:
        words += ["--model", str(model)]
    for name, value in options.items():
        words += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    return run(app, [*words, "--", str(clip)])


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_explain_writes_its_files(clip, maagn_file, tsm_file, tmp_path):
    out = tmp_path / "new" / "out"
    done = explain(clip, maagn_file, tsm_file, out=out)
    assert done.exit_code == 0, done.output
    assert files(out) == [
        "explanation.json",
        "tiny-maagn.mp4",
        "tiny-maagn.png",
        "tiny-tsm.mp4",
        "tiny-tsm.png",
    ]
    assert files(out.parent) == ["out"]
    content = json.loads((out / "explanation.json").read_text())
    assert content["schema"] == "maagn-explanation-1"
    assert content["clip"]["name"] == "square.mp4"
    assert [model["model"]["name"] for model in content["models"]] == ["tiny-maagn", "tiny-tsm"]
    with Image.open(out / "tiny-tsm.png") as strip:
        assert strip.width == 2072
    frames = film(out / "tiny-maagn.mp4")
    assert {(frame.width % 2, frame.height > 480, frame.height % 2) for frame in frames} == {
        (0, 1, 0)
    }
    times = [float(frame.time) for frame in frames]
    assert times == pytest.approx([0.1 * i for i in range(16)], abs=1e-3)  # the clip's own
    for label in ("tiny-maagn", "tiny-tsm", "no training on record"):
        assert label in done.stdout


def film(path):
    with av.open(path) as video:
        return list(video.decode(video=0))


def test_explain_films_the_sampled_frames_alone_by_choice(clip, tsm_file, tmp_path):
    assert explain(clip, tsm_file, out=tmp_path / "out", frames="sampled").exit_code == 0
    times = [float(frame.time) for frame in film(tmp_path / "out" / "tiny-tsm.mp4")]
    assert times == pytest.approx([0.2 * i for i in range(8)], abs=1e-3)


def test_json_is_json_alone_and_writes_nothing(clip, maagn_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = explain(clip, maagn_file, target="closing something", cam="layercam", json=True)
    assert done.exit_code == 0
    assert done.stderr == ""
    (model,) = json.loads(done.stdout)["models"]
    assert (model["cam"]["target"], model["cam"]["method"]) == ("Closing something", "layercam")
    assert files(tmp_path) == []


def test_the_files_and_the_printed_json_are_the_same(clip, tsm_file, tmp_path):
    done = explain(clip, tsm_file, out=tmp_path, json=True)
    assert json.loads(done.stdout) == json.loads((tmp_path / "explanation.json").read_text())


def test_the_clip_is_read_once_for_all_models(clip, maagn_file, tsm_file, monkeypatch):
    import maagn.video.read as reading

    asked = []
    read = reading.read_clip
    monkeypatch.setattr(
        reading, "read_clip", lambda *x, **y: (asked.append(y["samplings"]), read(*x, **y))[1]
    )
    assert explain(clip, maagn_file, tsm_file, json=True).exit_code == 0
    assert [len(samplings) for samplings in asked] == [2]


def test_what_others_put_in_the_folder_stays(clip, tsm_file, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "tiny-tsm.png").write_text("old")
    assert explain(clip, tsm_file, out=tmp_path).exit_code == 0
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / "tiny-tsm.png").read_bytes()[:4] == b"\x89PNG"
    assert len(files(tmp_path)) == 4


def test_two_models_of_one_name_get_files_of_their_own(clip, tsm_file, tmp_path):
    (tmp_path / "other").mkdir()
    other = save_tiny(tmp_path / "other" / "tiny-tsm.safetensors", spec=BASELINES["tsn"])
    assert explain(clip, tsm_file, other, tsm_file, out=tmp_path / "out").exit_code == 0
    assert len(list((tmp_path / "out").glob("tiny-tsm-????????.png"))) == 2


def a_text_file(folder):
    path = folder / "text.mp4"
    path.write_text("this is no video\n")
    return path


def an_empty_file(folder):
    path = folder / "empty.mp4"
    path.touch()
    return path


BAD_CLIPS = {
    "text": a_text_file,
    "empty": an_empty_file,
    "folder": lambda folder: folder,
    "missing": lambda folder: folder / "missing.mp4",
    "line break in the name": lambda folder: folder / "a\nb\x07.mp4",
    "one frame": lambda folder: write_clip(folder / "short.mp4", count=1),
    "dash": lambda _: Path("-dash.mp4"),
}


def assert_one_line(done):
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.strip().isprintable()
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("bad", BAD_CLIPS)
def test_a_clip_that_cannot_be_used_is_one_line_and_leaves_nothing(bad, tsm_file, tmp_path):
    given, place = tmp_path / "given", tmp_path / "place"
    given.mkdir()
    place.mkdir()
    clip = BAD_CLIPS[bad](given)
    assert_one_line(explain(clip, tsm_file, out=place / "new" / "out"))
    assert files(place) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"target": "Openning something"}, "closest are Opening something"),
        ({"target": "move"}, "closest are Moving something up; Moving something down."),
        ({"against": "Flying"}, "no class 'Flying'"),
        ({"target": LABELS[0], "against": LABELS[0]}, "cannot be set against itself"),
        ({"layer": "paths.0.output"}, "choose from backbone.res5"),  # TSM has no paths
        ({"cam": "scorecam"}, "choose from hirescam"),
        ({"model": "nope"}, "no model nope"),
    ],
)
def test_what_the_network_has_not_is_one_line(options, words, clip, tsm_file, tmp_path):
    models = () if "model" in options else (tsm_file,)
    done = explain(clip, *models, out=tmp_path / "out", **options)
    assert_one_line(done)
    assert words in done.stderr
    assert files(tmp_path) == []


def test_a_file_that_is_no_checkpoint_is_one_line(clip):
    assert_one_line(explain(clip, clip, json=True))


def test_without_any_model_the_way_to_one_is_told(clip, tmp_path, monkeypatch):
    monkeypatch.setattr(maagn.checkpoint, "FOLDER", tmp_path)
    done = explain(clip, json=True)
    assert_one_line(done)
    assert "maagn train maagn-demo" in done.stderr


def test_the_demo_models_are_the_default(clip, tmp_path, monkeypatch):
    monkeypatch.setattr(maagn.checkpoint, "FOLDER", tmp_path)
    save_tiny(tmp_path / "tsn-demo.safetensors", spec=BASELINES["tsn"])
    save_tiny(tmp_path / "another.safetensors", spec=BASELINES["tsm"])
    content = json.loads(explain(clip, json=True).stdout)
    assert [model["model"]["name"] for model in content["models"]] == ["tsn-demo"]


def test_out_that_is_a_file_is_one_line(clip, tsm_file, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("mine")
    assert_one_line(explain(clip, tsm_file, out=taken))
    assert_one_line(explain(clip, tsm_file, out=taken / "below"))
    assert taken.read_text() == "mine"


def test_out_or_json_is_needed(clip, tsm_file):
    assert explain(clip, tsm_file).exit_code == 2


def test_a_failure_while_writing_leaves_nothing(clip, tsm_file, tmp_path, monkeypatch):
    import maagn.figures.overlay_video as encoding

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(encoding, "write_mp4", full)
    done = explain(clip, tsm_file, out=tmp_path / "a" / "out")
    assert_one_line(done)
    assert done.stderr.startswith("The disk is full: make room")
    assert files(tmp_path) == []


def test_an_interrupt_is_130_and_leaves_nothing(clip, tsm_file, tmp_path, monkeypatch):
    import maagn.figures.overlay_video as encoding

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(encoding, "write_mp4", stop)
    done = explain(clip, tsm_file, out=tmp_path / "out")
    assert done.exit_code == 130
    assert "Traceback" not in done.output
    assert files(tmp_path) == []


def test_files_appear_together(tmp_path):
    out = tmp_path / "out"
    with appearing_in(out) as part:
        (part / "a").write_text("new")
        assert not out.exists()
    assert files(out) == ["a"]
    with pytest.raises(FileNotFoundError), appearing_in(out) as part:
        (part / "missing").rename(part / "a")
    assert (out / "a").read_text() == "new"
    assert files(out) == ["a"]


def test_models_lists_provenance_and_damage(tmp_path, monkeypatch):
    monkeypatch.setattr(maagn.checkpoint, "FOLDER", tmp_path)
    save_tiny(tmp_path / "good.safetensors", spec=BASELINES["tsn"])
    (tmp_path / "bad.safetensors").write_text("no")
    done = run(app, ["models"], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    for words in ("good", "TSN", "nothing", "seed 1", "top1 0.25", "bad.safetensors is not"):
        assert words in done.stdout


def test_models_say_where_they_were_looked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(maagn.checkpoint, "FOLDER", tmp_path / "mine")
    monkeypatch.setattr(maagn.checkpoint, "_MORE", [tmp_path / "shipped"])
    done = run(app, ["models"])
    assert done.exit_code == 0
    assert f"There is no network in {tmp_path / 'mine'} and {tmp_path / 'shipped'}" in done.stdout


def test_own_networks_go_before_those_that_came_along(tmp_path, monkeypatch):
    mine, shipped = tmp_path / "mine", tmp_path / "shipped"
    monkeypatch.setattr(maagn.checkpoint, "FOLDER", mine)
    monkeypatch.setattr(maagn.checkpoint, "_MORE", [shipped])
    for path in (mine / "doors" / "both", shipped / "both", shipped / "doors" / "theirs"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".safetensors").touch()
    assert maagn.checkpoint.available() == ["both", "theirs"]
    assert maagn.checkpoint.find("theirs").parent == shipped / "doors"
    assert maagn.checkpoint.folder_of("doors") == mine / "doors"
    assert maagn.checkpoint.folder_of("nowhere") == mine / "nowhere"


def test_the_version_is_told():
    assert run(app, ["--version"]).stdout == f"maagn {maagn.__version__}\n"
    assert maagn.__version__.count(".") == 2


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        ([], ["--"]),
        (
            ["--server.port", "8600", "--clip", "a b.mp4"],
            ["--server.port", "8600", "--", "--clip=a b.mp4"],
        ),
        (
            ["--folder", "x", "--folder=y", "--server.port=1"],
            ["--server.port=1", "--", "--folder=x", "--folder=y"],
        ),
        (["--device", "cpu"], ["--", "--device=cpu"]),
        (["--banana"], ["--banana", "--"]),
        (["--server.port", "1", "--", "--clip", "a"], ["--server.port", "1", "--clip", "a", "--"]),
    ],
)
def test_app_becomes_the_explorer(given, passed, monkeypatch):
    started = []
    monkeypatch.setattr("os.execve", lambda *words: started.append(words))
    monkeypatch.setenv("PYTHONPATH", "/mine")
    done = run(app, ["app", *given])
    assert done.exit_code == 0, done.output
    ((program, words, environment),) = started
    assert words == [program, "-P", "-m", "app", *passed]
    assert environment["PYTHONPATH"] == f"{SHIPPED}:/mine"


def test_models_say_whether_masks_attend_where_there_are_any(tmp_path, monkeypatch):
    monkeypatch.setattr(maagn.checkpoint, "FOLDER", tmp_path)
    (tmp_path / "known.safetensors").symlink_to(MAAGN_DEMO)
    save_tiny(tmp_path / "fresh.safetensors")
    save_tiny(tmp_path / "plain.safetensors", spec=BASELINES["tsn"])
    done = run(app, ["models"], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    (audit,) = read_audit()
    assert f"known, masks: {audit.masks.summary}" in lines
    assert "fresh, masks: not audited: `maagn audit NAME --out FOLDER`" in lines
    assert not any(line.startswith("plain, masks") for line in lines)


def test_an_explanation_has_the_audit_of_the_weights(clip, maagn_file):
    done = explain(clip, "maagn-demo", json=True)
    (model,) = json.loads(done.stdout)["models"]
    (audit,) = read_audit()
    assert model["audit"] == audit_record(audit)
    assert len(model["audit"]["parts"]) == 6 * len(model["paths"])
    (fresh,) = json.loads(explain(clip, maagn_file, json=True).stdout)["models"]
    assert fresh["audit"] is None


def test_evaluate_refuses_other_classes_in_one_line(tsm_file):
    assert_one_line(run(app, ["evaluate", "--model", str(tsm_file), "--json"]))


def test_probe_prints_every_layer_of_every_network(tsm_file, maagn_file, tmp_path, monkeypatch):
    import maagn.evaluate.order as order
    from maagn.evaluate.intervals import Estimate

    def measured(networks, _out, *, per_class, command, report, **_):
        report("val: 3 of 102 clips")
        right, nats = Estimate(0.75, 0.5, 1.0), Estimate(1.5, 1.0, 2.0)
        probes = tuple(
            order.LayerProbe(layer, 8, "mean over frames", 0.1, right, {})
            for layer in ("res2", "path res3, output")
        )
        found = [
            order.NetworkOrder(network.name, "", nats, {}, {}, probes[: i + 1])
            for i, network in enumerate(networks)
        ]
        return order.OrderReport(command, per_class, {}, tuple(found))

    monkeypatch.setattr(order, "measure_order", measured)
    words = ["probe", str(tsm_file), str(maagn_file), "--per-class", "3"]
    done = run(app, [*words, "--out", str(tmp_path / "run")], env={"COLUMNS": "120"})
    assert done.exit_code == 0, done.output
    assert "tiny-tsm: temporal divergence 1.50 (1.00 to 2.00) nats" in done.stdout
    rows = [line.split("│")[1:-1] for line in done.stdout.splitlines() if "│" in line]
    cells = [[cell.strip() for cell in row] for row in rows]
    assert ["res2"] + ["75.0 (50.0 to 100.0) %"] * 2 in cells
    assert ["path res3, output", "", "75.0 (50.0 to 100.0) %"] in cells
    assert "val: 3 of 102 clips" in done.stderr


def test_train_passes_what_was_asked(tmp_path, monkeypatch):
    import maagn.train.loop as loop

    asked = {}
    monkeypatch.setattr(
        loop, "train", lambda spec, *, out, **_: asked.update(spec=spec, out=out) or out
    )
    out = tmp_path / "a.safetensors"
    words = ["train", "tsn-demo", "--epochs", "2", "--learning-rate", "0.01", "--seed", "7"]
    assert run(app, [*words, "--out", str(out)]).exit_code == 0
    spec = asked["spec"]
    assert (spec.preset, spec.epochs, spec.learning_rate, spec.seed) == ("tsn-demo", 2, 0.01, 7)
    assert asked["out"] == out


def test_a_gallery_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    import maagn.opposites.sheet as gallery

    def write(folder, *, per_class):
        (folder / "a.mp4").write_text("clip")
        if per_class == 3:
            raise OSError(28, "No space left on device")
        return [{"file": "a.mp4"}]

    monkeypatch.setattr(gallery, "write_gallery", write)
    words = ["gallery", "--out", str(tmp_path / "out"), "--per-class"]
    assert_one_line(run(app, [*words, "3"]))
    assert files(tmp_path) == []
    assert run(app, [*words, "1"]).stdout == f"Written to {tmp_path / 'out'}: 1 clips\n"
    assert files(tmp_path / "out") == ["a.mp4"]


def test_train_refuses_an_unknown_preset_in_one_line(tmp_path):
    assert_one_line(run(app, ["train", "nope", "--out", str(tmp_path / "a.safetensors")]))
    assert files(tmp_path) == []


def test_every_setting_of_a_training_run_has_an_option():
    from dataclasses import fields
    from inspect import signature

    from maagn.cli.train import train
    from maagn.config import TrainSpec

    options = set(signature(train).parameters) - {
        "out",
        "recipe",
        "cache",
        "device",
        "devices",
        "keep_every",
        "dry_run",
    }
    assert options == {field.name for field in fields(TrainSpec)}


def test_explain_says_that_a_clip_stands_still(maagn_file, tmp_path):
    path = tmp_path / "still.mp4"
    write_mp4(path, square_frames(1).repeat(16, axis=0), seconds=np.arange(16) / 10)
    done = explain(path, maagn_file, out=tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "same picture: no motion" in " ".join(done.output.split())
    content = json.loads((tmp_path / "out" / "explanation.json").read_text())
    assert "same picture" in content["clip"]["notices"][-1]


def test_a_layer_that_some_of_the_networks_have_is_explained_for_those(clip, tmp_path):
    out = tmp_path / "out"
    done = explain(clip, layer="paths.1.output", out=out)
    assert done.exit_code == 0, done.output
    assert "Without paths.1.output, and so not explained: tpn-demo, tsm-demo" in done.output
    written = json.loads((out / "explanation.json").read_text())
    assert [model["model"]["name"] for model in written["models"]] == ["maagn-demo"]
    assert explain(clip, "tsm-demo", layer="paths.1.output", json=True).exit_code == 2
