"""`--start` and `--end`: explained is a section, as if the clip had been trimmed to it."""

import json

import av
import numpy as np
import pytest
from typer.testing import CliRunner

import maagn
from maagn.cli import app
from maagn.explain.report import explain, report
from maagn.explain.report_file import read_reports, write_reports
from maagn.explain.report_tables import summary
from maagn.inference import trace
from maagn.video.encode import write_mp4
from tests.tiny import save_tiny, square_frames

run = CliRunner().invoke
FILM = np.concatenate([square_frames(16), square_frames(16)[::-1], square_frames(16)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("given")
    write_mp4(folder / "film.mp4", FILM, seconds=np.arange(48) / 10)
    save_tiny(folder / "tiny.safetensors")
    return folder


@pytest.fixture(scope="module")
def film(folder):
    return folder / "film.mp4"


@pytest.fixture(scope="module")
def model(folder):
    return maagn.load_model(str(folder / "tiny.safetensors"))


def section(film, model, *, start, end):
    return maagn.read_clip(film, samplings=[model.sampling], section=(start, end))


def test_a_section_is_explained_as_a_file_of_its_frames_alone(film, model):
    part = section(film, model, start=1.6, end=3.2)
    alone = maagn.from_frames(maagn.read_clip(film).frames[16:32], fps=10)
    made, expected = explain(model, part), explain(model, alone)
    np.testing.assert_array_equal(made.prediction.logits, expected.prediction.logits)
    np.testing.assert_array_equal(made.cam.values, expected.cam.values)
    np.testing.assert_allclose(made.cam.seconds, expected.cam.seconds, atol=1e-9)
    assert made.inputs.positions.tolist() == expected.inputs.positions.tolist()


def test_what_is_kept_of_one_section_is_not_taken_for_another(film, model):
    early = section(film, model, start=0.0, end=1.6)
    late = section(film, model, start=1.6, end=3.2)
    seen = trace(model, early)
    assert seen.clip.digest == early.key != late.key
    with pytest.raises(ValueError, match="the trace is of clip"):
        report(model, late, seen)
    made = [explain(model, clip) for clip in (early, late)]
    assert made[0].cam.about["clip"] != made[1].cam.about["clip"]
    assert summary(made[1])["clip"].tolist() == ["film.mp4, 1.60 to 3.20 s of 4.80 s"]
    assert "1.60 to 3.20 s" in repr(late)
    assert "#t=1.6,3.2" in repr(made[1].inputs)


def test_a_kept_report_knows_its_section(film, model, tmp_path):
    part = section(film, model, start=1.6, end=3.2)
    write_reports(tmp_path / "kept.npz", [explain(model, part)])
    (again,) = read_reports(tmp_path / "kept.npz", {model.name: model.card})
    assert (again.clip.section, again.clip.film_seconds) == (part.section, part.film_seconds)
    assert again.clip.key == again.inputs.digest == part.key


def test_explain_writes_of_a_section(folder, film, tmp_path):
    words = ["explain", "--model", str(folder / "tiny.safetensors"), "--start", "1.6", "--end"]
    done = run(app, [*words, "3.2", "--out", str(tmp_path / "out"), str(film)])
    assert done.exit_code == 0, done.output
    clip = json.loads((tmp_path / "out/explanation.json").read_text())["clip"]
    assert clip["section"] == {"start": 1.6, "end": 3.2, "film_seconds": 4.8}
    assert (clip["frames"], clip["seconds"]) == (16, 1.5)
    with av.open(tmp_path / "out/tiny.mp4") as video:
        assert "film.mp4, 1.60 to 3.20 s of 4.80 s" in video.metadata["comment"]
        assert len(list(video.decode(video=0))) == 16


@pytest.mark.parametrize(
    ("options", "frames"),
    [(["--start", "3.2"], 16), (["--end", "1.6"], 16), (["--start", "4", "--end", "9"], 8)],
)
def test_one_of_both_will_do_and_a_section_ends_with_the_film(folder, film, options, frames):
    words = ["explain", "--model", str(folder / "tiny.safetensors"), "--json", *options]
    done = run(app, [*words, str(film)])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["clip"]["frames"] == frames


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--start", "9", "--end", "12"], "has no frame in it"),
        (["--start", "9"], "must end after it begins"),
        (["--start", "2", "--end", "1"], "must end after it begins"),
        (["--start", "-1"], "cannot begin"),
        (["--start", "1", "--end", "1.3"], "has 3 frames; this network needs 8"),
    ],
)
def test_what_is_no_section_is_one_line(folder, film, options, said):
    words = ["explain", "--model", str(folder / "tiny.safetensors"), "--json", *options]
    done = run(app, [*words, str(film)])
    assert done.exit_code == 2
    assert said in done.output
    assert len(done.output.strip().splitlines()) == 1


def test_without_a_section_nothing_is_said_of_one(folder, film):
    words = ["explain", "--model", str(folder / "tiny.safetensors"), "--json"]
    assert "section" not in json.loads(run(app, [*words, str(film)]).stdout)["clip"]


def test_the_arrow_of_time_of_a_section(folder, film):
    words = ["arrow", "--model", str(folder / "tiny.safetensors"), "--json"]
    done = run(app, [*words, "--start", "1.6", "--end", "3.2", str(film)])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["section"]["start"] == 1.6
    refused = run(app, ["arrow", "--run", "nowhere", "--start", "1"])
    assert refused.exit_code == 2
