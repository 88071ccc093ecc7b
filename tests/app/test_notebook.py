"""What "Copy as Python" gives runs as it is given, and gives what the page shows."""

import ast
import contextlib
import html
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import cache, dataset_links
from app.elements import PageContents
from app.gallery import film
from app.gallery.catalogue import FOLDER, clip_named, filmed
from app.html_report import to_html
from app.jobs import Job
from app.predictions import Answer, answer, stepped
from app.selection import ClipChoice, Question
from app.server import uploads
from app.server.uploads import Holder
from app.tour.lesson import about, learn, mask
from app.views import evidence, faithful, notebook, whatif
from app.views.learn import tour_code
from app.views.recorded import Source
from maagn import checkpoint
from maagn.data import registry
from maagn.data.index import Index
from maagn.data.videos import Video, VideoSet
from maagn.evaluate.compare import overall
from maagn.evaluate.metrics import confusion
from maagn.evaluate.results import read_results
from maagn.explain.attention import MTAM
from maagn.explain.edits import Edit, Region, minimal_counterfactual, reverse
from maagn.explain.interventions import Intervention, change
from maagn.explain.timeline import timeline
from maagn.figures.layout import percent
from maagn.inference import prepare
from tests.tiny import BASELINES, LABELS, SPEC, save_tiny

ROOT = Path(__file__).parents[2]
NAMES = ("maagn-demo", "tsn-demo")
GALLERY = "08-covering-something-with-something-0.mp4"
HOSTILE = 'a"\'\\ \u202e\U0001f600 {x} %s\n"); import os; os.abort() #.mp4'


def run(code: str, folder: Path) -> dict:
    """Execute it in a folder that has nothing of the project; what it prints is `printed`."""
    names: dict = {}
    printed = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        exec(compile(code, "<copied>", "exec"), names)
    return names | {"printed": printed.getvalue()}


def filled_in(code: str, path: Path) -> str:
    """With the path that a person would fill in."""
    assert "# fill in: your own copy of" in code
    return re.sub(r"^path = (\S.*?PATH/TO.*?)  #", f"path = {str(path)!r}  #", code, flags=re.M)


def question(choice: ClipChoice, *, models=NAMES, target=None, layer="paths.1.output") -> Question:
    return Question(choice, models, target, "hirescam", layer)


def same_as_page(names: dict, found: Answer) -> None:
    """Networks, class, method, layer and numbers are the page's."""
    assert [report.model.name for report in names["reports"]] == list(found.question.models)
    for mine, page in zip(names["reports"], found.reports, strict=True):
        assert mine.label == page.label
        assert mine.cam.about["method"] == page.cam.about["method"]
        assert mine.cam.name == page.cam.name
        np.testing.assert_allclose(mine.prediction.logits, page.prediction.logits, atol=1e-4)
        np.testing.assert_allclose(mine.cam.values, page.cam.values, atol=1e-4)
        assert f"{page.model.name} [('{page.prediction.top(1)[0][0]}'" in names["printed"]


def upload(content: bytes, name: str) -> ClipChoice:
    holder = Holder(uploads.ALL)
    choice = uploads.ALL.store(io.BytesIO(content), name=name, holder=holder)
    upload.holders.append(holder)  # it keeps the file
    return choice


upload.holders = []


@pytest.fixture
def registered_set(monkeypatch, tmp_path) -> dict[str, ClipChoice]:
    """A set with a file and a folder of pictures, whose ids are no words."""
    monkeypatch.setattr(registry, "FOLDER", tmp_path / "sets")
    folder = tmp_path / "videos"
    folder.mkdir()
    shutil.copy(FOLDER / GALLERY, folder / "a.mp4")
    (folder / "frames").mkdir()
    reader = cv2.VideoCapture(str(FOLDER / GALLERY))
    for number in range(16):
        cv2.imwrite(str(folder / "frames" / f"{number:05d}.jpg"), reader.read()[1])
    rows = (
        Video(HOSTILE, folder / "a.mp4", 0),
        Video("walks/00 1", folder / "frames", 1, 16),
    )
    data = registry.register(VideoSet("own", "frame-list", folder, "val", LABELS[:2], rows))
    index = Index(data)
    return {row.id: dataset_links.choice(data, index.video(row.id)) for row in rows}


def test_a_gallery_clip_is_opened_from_any_folder_without_a_word_filled_in(tmp_path):
    found = answer(question(clip_named(GALLERY).choice()), Job())
    same_as_page(run(notebook.explain(found), tmp_path), found)


@pytest.mark.parametrize("choice", [film.film, clip_named(GALLERY).choice])
def test_a_timeline_says_the_same(tmp_path, choice):
    asked = question(choice(), models=("tsn-demo",))
    names = run(notebook.timeline(asked, window=1.0, step=1.0), tmp_path)
    page = timeline(choice().path, names["models"], window=1.0, step=1.0)
    np.testing.assert_allclose(names["found"].answers[0].logits, page.answers[0].logits, atol=1e-4)
    assert names["printed"].count("tsn-demo ") == len(page.answers[0].segments())


def test_the_film_of_the_gallery_is_opened_without_a_word_filled_in(tmp_path):
    found = answer(question(film.film(), models=("tsn-demo",)), Job())
    same_as_page(run(notebook.explain(found), tmp_path), found)


def test_a_filmed_clip_is_opened_too(tmp_path):
    found = answer(question(filmed()[0].choice()), Job())
    code = notebook.explain(found)
    assert str(ROOT) not in code
    same_as_page(run(code, tmp_path), found)


def test_it_runs_in_a_python_of_its_own_elsewhere(tmp_path):
    found = answer(question(clip_named(GALLERY).choice()), Job())
    said = subprocess.run(
        [sys.executable, "-c", notebook.explain(found)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    for report in found.reports:
        label, probability = report.prediction.top(1)[0]
        (line,) = [x for x in said.stdout.splitlines() if x.startswith(report.model.name)]
        assert label in line
        number = float(re.search(r"\d\.\d+(e-\d+)?", line)[0])
        assert number == pytest.approx(probability, abs=1e-4)


def test_a_test_clip_is_drawn_as_the_evaluation_draws_it(tmp_path):
    found = answer(question(ClipChoice.of_test(7, 3), target="Closing something"), Job())
    same_as_page(run(notebook.explain(found), tmp_path), found)


@pytest.mark.parametrize("number", [HOSTILE, "walks/00 1"])
def test_a_clip_of_a_set_is_opened_by_its_set_and_its_id(registered_set, number, tmp_path):
    found = answer(question(registered_set[number]), Job())
    code = notebook.explain(found)
    assert str(tmp_path) not in code
    same_as_page(run(code, tmp_path), found)


@pytest.mark.parametrize("name", ["door.mp4", HOSTILE, "../../etc/passwd", "a\\b.mp4", "'.mp4"])
def test_an_upload_says_what_to_fill_in_and_runs_when_it_is(name, tmp_path):
    content = (FOLDER / GALLERY).read_bytes()
    found = answer(question(upload(content, name)), Job())
    code = notebook.explain(found)
    assert "your own copy of the uploaded file" in code
    assert str(uploads.ALL.folder) not in code
    same_as_page(run(filled_in(code, FOLDER / GALLERY), tmp_path), found)


def test_a_file_of_the_command_line_keeps_its_folder_to_itself(tmp_path):
    shutil.copy(FOLDER / GALLERY, tmp_path / "secret.mp4")
    found = answer(question(ClipChoice.of(tmp_path / "secret.mp4")), Job())
    code = notebook.explain(found)
    assert str(tmp_path) not in code
    assert "your own copy of the file that the explorer was started with" in code
    same_as_page(run(filled_in(code, tmp_path / "secret.mp4"), tmp_path), found)


def test_a_folder_of_pictures_is_read_as_one(registered_set, tmp_path):
    folder = registered_set["walks/00 1"].path
    found = answer(question(ClipChoice.of(folder)), Job())
    same_as_page(run(filled_in(notebook.explain(found), folder), tmp_path), found)


def test_what_was_not_filled_in_is_told_in_one_sentence(tmp_path):
    from maagn.errors import ClipNotFound

    found = answer(question(upload((FOLDER / GALLERY).read_bytes(), "door.mp4")), Job())
    with pytest.raises(ClipNotFound, match=r"There is no file door\.mp4"):
        run(notebook.explain(found), tmp_path)


def test_own_networks_and_their_classes_are_named_whatever_they_are_called(monkeypatch, tmp_path):
    labels = (HOSTILE, "it's", 'a "b"', *LABELS[3:])
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    monkeypatch.setenv("MAAGN_CHECKPOINTS", str(tmp_path))
    names = ('my "own" net', "it's\\n")
    for name, spec in zip(names, (SPEC, BASELINES["tsn"]), strict=True):
        save_tiny(tmp_path / f"{name}.safetensors", spec=spec, labels=labels)
    asked = question(clip_named(GALLERY).choice(), models=names, target=HOSTILE)
    found = answer(asked, Job())
    code = notebook.explain(found)
    assert "# Set MAAGN_CHECKPOINTS as for the explorer" in code
    assert str(tmp_path) not in code
    copied = run(code, tmp_path)
    for mine, page in zip(copied["reports"], found.reports, strict=True):
        assert (mine.model.name, mine.label) == (page.model.name, HOSTILE)
        np.testing.assert_allclose(mine.prediction.logits, page.prediction.logits, atol=1e-4)


def test_the_steps_are_those_of_the_path_and_frame_on_the_page(tmp_path):
    asked = question(clip_named(GALLERY).choice())
    _, page = stepped(SimpleNamespace(question=asked, path=1), Job())
    code = notebook.steps(asked, path=1, frame=2, numbers=range(1, 14))
    copied = run(code, tmp_path)
    for name, values in page.tensors.items():
        np.testing.assert_allclose(copied["intermediates"].tensors[name], values, atol=1e-4)
    numbers = re.findall(r"^(\d+) [A-Z]", copied["printed"], flags=re.M)
    assert numbers == [str(number) for number in range(1, 14)]


def test_a_class_is_set_against_the_one_on_the_page(tmp_path):
    found = answer(question(clip_named(GALLERY).choice()), Job())
    other = "Folding something"
    page, alike = evidence.contrast(found, other, Job())
    copied = run(evidence.against_code(found, other), tmp_path)
    for mine, its in zip(copied["reports"], page.reports, strict=True):
        np.testing.assert_allclose(mine.cam.values, its.cam.values, atol=1e-4)
    assert copied["likeness"] == pytest.approx(alike[-1], abs=1e-3)


def test_every_map_is_tested_as_on_the_page(tmp_path):
    found = answer(question(clip_named(GALLERY).choice(), models=NAMES[1:]), Job())
    coarse = faithful.run_tests(found, "frames", Job())
    full = faithful.run_tests(found, "frames", Job(), coarse=coarse)
    for page, depth in ((coarse, "quick"), (full, "full")):
        copied = run(faithful.code(found, "frames", depth), tmp_path)
        for mine, its in zip(copied["results"], page, strict=True):
            np.testing.assert_allclose(mine.curves.deletion, its.curves.deletion, atol=1e-3)


def test_motion_and_figure_7_are_those_on_the_page(tmp_path):
    found = answer(question(clip_named(GALLERY).choice()), Job())
    copied = run(evidence.motion_code(found), tmp_path)
    np.testing.assert_array_equal(copied["flow"].values, evidence.worked(found).values)
    run(evidence.row_code(found), tmp_path)
    assert (tmp_path / "figure-7.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    "edit",
    [
        Edit(reverse(8)),
        Edit(tuple(range(8)), mirrored=True),
        Edit(tuple(range(8)), blurred=Region(0.25, 0.25, 0.5, 1.0), where=(1, 2)),
    ],
)
def test_an_edit_is_asked_of_every_network_before_and_after(edit, tmp_path):
    asked = question(clip_named(GALLERY).choice())
    copied = run(whatif.edit_code(asked, edit), tmp_path)
    for name, page in zip(NAMES, whatif.outcomes(asked, edit, Job()), strict=True):
        before, after = copied["predictions"][name]
        np.testing.assert_allclose(before.logits, page.before.logits, atol=1e-4)
        np.testing.assert_allclose(after.logits, page.after.logits, atol=1e-4)


def test_the_fewest_frames_are_those_on_the_page(tmp_path):
    asked = question(clip_named(GALLERY).choice())
    copied = run(whatif.fewest_code(asked), tmp_path)
    clip = cache.clip(asked.clip, asked.models)
    for name in NAMES:
        model = cache.model(name)
        page = minimal_counterfactual(model, prepare(model, clip))
        assert (page and page.gone) == (copied["flips"][name] and copied["flips"][name].gone)


def test_modules_are_set_as_on_the_page(tmp_path):
    asked = question(ClipChoice.of_test(7, 3), models=NAMES[::-1])
    changes = (
        Intervention(off=frozenset({"sdm", "agm"})),
        Intervention(gate=(None, 0.5, None, 2.0), sdm=(None,) * 4),
        Intervention(),
    )
    copied = run(whatif.modules_code(asked, "maagn-demo", changes), tmp_path)
    run_of_page = cache.traced("maagn-demo", cache.clip(asked.clip, asked.models))
    page = change(cache.model("maagn-demo"), run_of_page, changes)
    np.testing.assert_allclose(copied["after"].logits, page.logits, atol=1e-4)


def test_the_tour_is_asked_of_every_network_in_both_orders_and_of_two_clips(tmp_path):
    asked = about(question(clip_named(GALLERY).choice(), layer="backbone.res4"))
    page = learn(asked, Job())
    copied = run(tour_code(asked), tmp_path)
    for name, its in zip(NAMES, page.reversals.values(), strict=True):
        assert copied["reversals"][name].change == pytest.approx(its.change, abs=1e-3)
    both = (page.maagn, page.other.reports[0])
    for weights, report in zip(copied["weights"], both, strict=True):
        np.testing.assert_allclose(weights, mask(report, MTAM).per_frame, atol=1e-5)


def test_comparison_and_errors_are_those_on_record(tmp_path):
    results = read_results()
    first, second = (results.of(name) for name in NAMES)
    sources = [Source(name, None) for name in NAMES]
    copied = run(notebook.comparison(*sources, one_run=True), tmp_path)
    assert str(overall(first, second)) in copied["printed"]
    copied = run(notebook.confusion(Source("tsn-demo", None)), tmp_path)
    assert str(confusion(second)) in copied["printed"]


def test_a_search_of_a_set_gives_the_videos_on_the_page(registered_set, tmp_path):
    assert registered_set
    code = notebook.data_set("own-val", words="", label=1, limit=24, offset=0)
    assert [video.id for video in run(code, tmp_path)["page"].videos] == ["walks/00 1"]
    assert "own-val frame-list val 2" in run(notebook.data_sets(), tmp_path)["printed"]


def test_the_report_holds_the_same_lines(tmp_path):
    found = answer(question(clip_named(GALLERY).choice()), Job())
    written = to_html(PageContents("What?", code=notebook.explain(found)))
    given = html.unescape(re.search(r"<pre>(.*?)</pre>", written, flags=re.S)[1])
    same_as_page(run(given, tmp_path), found)


PAGES = {
    "explore": {},
    "attention": {"moment": "5"},
    "gating": {"path": "res4, rate 2"},
    "evidence": {"view": "Map"},
    "evidence, B": {"view": "A minus B"},
    "evidence, motion": {"view": "Motion"},
    "evidence, row": {"view": "Figure 7"},
    "whatif": {"edit": "Mirror"},
    "whatif, fewest": {"edit": "Fewest frames"},
    "whatif, modules": {"edit": "Modules"},
    "arrow": {},
    "compare": {},
    "errors": {"m": "tsn-demo"},
    "errors, neighbours": {"m": "tsn-demo", "view": "Neighbours"},
    "data": {},
    "learn": {},
    "learn, people": {"step": "13"},
    "settings": {},
}


@pytest.mark.parametrize("page", PAGES)
def test_what_every_page_offers_runs(page, tmp_path):
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    app.query_params["clip"] = GALLERY
    app.run()
    app.switch_page(str(ROOT / "pages" / f"{page.partition(',')[0]}.py"))
    for key, value in (PAGES[page] | {"clip": GALLERY}).items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    (code,) = [block.value for block in app.code if block.language == "python"]
    assert run(code, tmp_path)["printed"] or page in ("data", "evidence, row")
    few = ("attention", "gating", "compare", "data", "learn, people")
    if page not in few and not page.startswith("errors"):  # which are of fewer, or of others
        for name in ("maagn-demo", "tpn-demo", "tsm-demo", "tsn-demo"):
            assert f'"{name}"' in code


def test_the_page_of_an_upload_gives_lines_for_all_its_networks(tmp_path):
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    app.run()
    app.file_uploader(key="upload").upload("door.mp4", (FOLDER / GALLERY).read_bytes(), "video/mp4")
    app.run()
    (code,) = [block.value for block in app.code if block.language == "python"]
    assert 'path = "PATH/TO/door.mp4"  # fill in: your own copy of the uploaded file' in code
    copied = run(filled_in(code, FOLDER / GALLERY), tmp_path)
    text = " ".join(str(block.proto.body) for block in app.get("html"))
    for report in copied["reports"]:
        label, probability = report.prediction.top(1)[0]
        assert label in text
        assert percent(probability) in text
    assert len(copied["reports"]) == 4


def test_a_switch_changes_the_lines_with_it(tmp_path):
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    app.run()
    app.switch_page(str(ROOT / "pages" / "whatif.py"))
    app.query_params["edit"] = "Modules"
    app.run()
    app.button_group(key="off0").set_value(["SDM"]).run()
    (code,) = [block.value for block in app.code if block.language == "python"]
    assert "Intervention(off=frozenset(['sdm']))" in code
    copied = run(code, tmp_path)
    shown = app.dataframe[0].value.iloc[0]
    assert copied["after"].top(1)[0][0] == shown["prediction after"]
    moved = abs(copied["after"].logits - copied["trace"].prediction.logits).max()
    assert moved == pytest.approx(shown["largest logit change"], abs=1e-4)


def test_code_of_any_name_is_one_literal_and_its_letters_are_visible():
    for name in (HOSTILE, "\udc80", "\x00\x7f", "'", '"', "'\"", "\\", '\\"', "a\\", ""):
        literal = notebook.quoted(name)
        assert ast.literal_eval(literal) == name
        assert literal.isprintable()
