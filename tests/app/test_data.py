import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import torch
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from app import cache, dataset_links
from app.gallery.catalogue import FOLDER
from app.jobs import Job
from app.networks import DEMONSTRATION, groups
from app.predictions import answer
from app.selection import ClipChoice, Question
from app.views import data as view
from app.views.whatif import outcomes
from maagn import checkpoint
from maagn.cli import app as command
from maagn.data import registry
from maagn.data.videos import Video, VideoSet
from maagn.explain.edits import Edit, reverse
from maagn.labels import ClassPairs, Opposites, something_something_v2
from maagn.video import stills as video_stills
from tests.published.layouts import ALL, Layout, random_state

ROOT = Path(__file__).parents[2]
CLIPS = sorted(FOLDER.glob("*.mp4"))
LABELS = ("Opening something", "Closing something")
COUNT = 50_000


@pytest.fixture
def data(monkeypatch, tmp_path):
    """A registered set of many entries; the second one's file is missing."""
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    rows = [Video(f"{i}", CLIPS[i % len(CLIPS)], i % 2) for i in range(COUNT)]
    rows[1] = Video("1", FOLDER / "missing.mp4", 1)
    return registry.register(VideoSet("many", "kinetics", FOLDER, "val", LABELS, tuple(rows)))


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    app.run()
    app.switch_page(str(ROOT / "pages" / "data.py"))
    return app


def text_of(app: AppTest) -> str:
    assert not app.exception
    return " ".join(x.value for x in [*app.markdown, *app.caption, *app.warning, *app.info])


def test_without_a_set_it_says_how_to_register_one(monkeypatch, tmp_path, app):
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    app.run()
    assert "No data set is registered yet" in text_of(app)
    assert any("maagn data register" in code.value for code in app.code)


@pytest.mark.usefixtures("data")
def test_a_page_of_many_clips_opens_with_their_pictures(app, monkeypatch):
    view._STILLS.clear()
    made = []

    def noted(paths):
        for content in video_stills.stills(paths):
            made.append(content)
            yield content

    monkeypatch.setattr(view, "stills", noted)
    app.run()
    text = text_of(app)
    assert "50,000 of 50,000 clips" in text
    assert "No picture: missing or unreadable" in text
    assert [content is None for content in made] == [place == 1 for place in range(24)]
    app.selectbox(key="of").set_value("Closing something").run()
    assert "25,000 of 50,000 clips" in text_of(app)
    app.text_input(key="words").set_value("4999").run()
    assert "6 of 50,000 clips" in text_of(app)  # 4999, 49991, 49993, ... 49999


def test_a_link_opens_the_clip_and_no_other(data):
    clip_choice = dataset_links.linked(f"data/{data.name}/7")
    assert clip_choice is not None
    assert (clip_choice.path, clip_choice.label) == (CLIPS[7], "Closing something")
    assert dataset_links.linked(str(clip_choice.link)) == clip_choice
    for link in ("data/none/7", f"data/{data.name}/x", "data/../7", "7", f"{data.name}/7"):
        assert dataset_links.linked(link) is None


def test_pairs_of_a_set_go_with_its_clips_where_a_network_has_none(monkeypatch, tmp_path):
    """A set may pair classes as the network's labels alone would not."""
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    other = "Folding something"
    pairs = ClassPairs((Opposites(LABELS[0], other, "time-reversal"),))
    rows = (Video("1", CLIPS[1], 0),)
    videos = VideoSet("told", "kinetics", FOLDER, "val", (*LABELS, other), rows)
    data = registry.register(videos, pairs=pairs)
    choice = dataset_links.linked(f"data/{data.name}/1")
    assert choice is not None
    question = Question(choice, ("tsm-demo",), LABELS[0], "gradcam", "backbone.res4")
    (told,) = answer(question, Job()).reports
    assert told.opposite == other
    (plain,) = answer(replace(question, clip=ClipChoice.of(CLIPS[1])), Job()).reports
    assert plain.opposite == "Closing something"
    (edited,) = outcomes(question, Edit(reverse(8)), Job())
    assert edited.relations.opposite_of(LABELS[0]) == other


def test_the_classes_of_a_set_are_listed_with_their_opposites(monkeypatch, tmp_path, app):
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    labels = (*LABELS, "lid up", "lid down")
    registry.register(
        VideoSet("few", "kinetics", FOLDER, "val", labels, (Video("1", CLIPS[1], 0),))
    )
    app.run()
    text_of(app)
    (table,) = [frame.value for frame in app.dataframe if "opposite" in frame.value]
    assert list(table["opposite"]) == [
        "Closing something", "Opening something", "lid down (proposed)", "lid up (proposed)"
    ]  # fmt: skip


def test_pictures_are_made_once(monkeypatch):
    view._STILLS.clear()
    videos = [Video(path.name, path, None) for path in CLIPS[:3]]
    first = dict(view.pictures(videos))
    monkeypatch.setattr(view, "stills", lambda paths: iter([None] * len(paths)))
    assert dict(view.pictures(videos)) == first


@pytest.mark.parametrize(("source", "arch"), ALL)
def test_an_imported_network_speaks_in_the_app_and_is_evaluated(
    source, arch, monkeypatch, tmp_path, data
):
    """A file in a published layout, through `maagn import`, to the first page and to a table."""
    for name in groups()[DEMONSTRATION]:
        (tmp_path / f"{name}.safetensors").symlink_to(checkpoint.find(name))
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    file, mine = tmp_path / "published.pth", tmp_path / "mine.safetensors"
    torch.save(random_state(Layout(source, arch=arch), classes=174), file)
    options = ["--as", f"{arch}-r50", "--labels", "something-something-v2"]
    figure = arch == "tsm"  # the one of these that a figure is published for
    published = ["--published", "tsm-r50-8f-sthv2"] if figure else []
    ran = CliRunner().invoke(
        command, ["import", str(file), *options, *published, "--out", str(mine)]
    )
    assert ran.exit_code == 0, ran.output
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    app.query_params["networks"] = "174 classes: mine"
    app.query_params["clip"] = f"data/{data.name}/7"
    app.run()
    text = text_of(app)
    assert "Custom weights" in text
    assert ("62.72 % top-1 on Something-Something V2" in text) == figure
    assert "True class: **Closing something**" in text
    folder = tmp_path / "set" / "Closing something"
    folder.mkdir(parents=True)
    shutil.copy(CLIPS[7], folder)
    asked = ["evaluate", "--data", str(folder.parent), "--model", "mine"]
    ran = CliRunner().invoke(command, [*asked, "--out", str(tmp_path / "run")])
    assert ran.exit_code == 0, ran.output
    row = pq.read_table(tmp_path / "run" / "answers.parquet").to_pylist()[0]
    assert row["label"] == something_something_v2().index("Closing something")
    assert len(row["logits"]) == 174
    cache.forget()  # some hundred megabytes
