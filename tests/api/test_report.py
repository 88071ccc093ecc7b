"""A report draws itself, becomes tables, and is kept in files that are read back."""

import json
import re
from io import BytesIO

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

import maagn
from maagn.api.report import Report
from maagn.errors import ReportError
from maagn.explain.report import explain
from tests.tiny import LABELS, make_model, save_tiny, spec, tiny_clip


def test_the_answers_are_all_classes_most_probable_first(report):
    table = report.frame()
    assert list(table.label[:3]) == [label for label, _ in report.prediction.top(3)]
    assert table.probability.sum() == pytest.approx(1)
    assert list(table["rank"]) == [1, 2, 3, 4, 5, 6]
    assert set(table["clip"]) == {"square"}
    assert table.path_1.sum() == pytest.approx(1)


def test_the_masks_are_a_row_a_frame(report):
    table = report.frame("masks")
    assert len(table) == sum(mask.values.size for mask in report.masks)
    sdm = table[(table.path == 1) & (table["mask"] == "sdm")]
    assert sdm.weight.tolist() == report.masks[0].values.tolist()
    assert (
        sdm.frame.tolist()
        == report.inputs.positions[:: len(report.inputs.positions) // len(sdm)].tolist()
    )
    assert sdm.channel.isna().all()


def test_masks_of_channels_have_a_row_a_channel():
    made = Report.of(explain(make_model(spec("maagn", pooling="channel")), tiny_clip()))
    table, mask = made.frame("masks"), made.masks[0]
    first = table[(table.path == 1) & (table["mask"] == "sdm")]
    wide = first.pivot(index="frame", columns="channel", values="weight")
    assert wide.to_numpy() == pytest.approx(mask.values)
    fig = made.figure()
    assert isinstance(fig, go.Figure)
    film, answers, evidence, *lines = fig.data
    assert film.source.startswith("data:image/jpeg;base64,")
    assert list(answers.x) == sorted(answers.x)
    assert np.allclose(evidence.y, made.evidence)
    masks = sum(mask.name.endswith(("sdm.mask", "mtam.sum")) for mask in made.masks)
    assert len(lines) == masks + 3 * len(made.gates)
    assert "http" not in fig.to_json()


def test_names_in_the_figure_are_letters():
    model = make_model(spec("tsn"))
    object.__setattr__(model, "labels", ("<b>bold</b>", *model.labels[1:]))
    fig = Report.of(explain(model, tiny_clip(), target=0)).figure()
    assert "<b>" not in fig.layout.title.text
    assert not any("<b>" in name for name in fig.data[1].customdata)


def test_the_page_of_a_notebook_is_frames_under_heat(report):
    page = report._repr_html_()
    assert page.count("<img") == 8
    assert "<script" not in page
    assert "log ratio" in page


def test_what_is_saved_is_read_back(report, tmp_path):
    path = report.save(tmp_path / "door.npz")
    again = maagn.load_report(path)
    assert isinstance(again, Report)
    assert np.array_equal(again.cam.values, report.cam.values)
    assert again.frame("gates").equals(report.frame("gates"))


def test_a_report_of_a_file_elsewhere_is_read_back_with_it(tmp_path):
    elsewhere = save_tiny(tmp_path / "elsewhere.safetensors")
    path = maagn.explain(elsewhere, tiny_clip()).save(tmp_path / "a.npz")
    for given in (elsewhere, str(elsewhere), maagn.load_model(elsewhere)):
        assert maagn.load_report(path, given).model.name == "elsewhere"


def test_the_other_files_are_whole_in_themselves(report, tmp_path):
    content = json.loads(report.save(tmp_path / "a.json").read_text())
    assert content["models"][0]["model"]["name"] == "tiny"
    page = report.save(str(tmp_path / "a.html")).read_text()
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    picture = Image.open(BytesIO(report.save(tmp_path / "a.png").read_bytes()))
    assert picture.width > 1000


def test_other_files_are_refused_in_a_sentence(report, tmp_path):
    with pytest.raises(ReportError, match="npz"):
        report.save(tmp_path / "a.pickle")
    with pytest.raises(ReportError, match="holds no report"):
        maagn.load_report(tmp_path / "none.npz")
    (tmp_path / "bad.npz").write_bytes(b"PK")
    with pytest.raises(ReportError, match="holds no report"):
        maagn.load_report(tmp_path / "bad.npz")
    other = save_tiny(tmp_path / "tiny.safetensors", labels=LABELS[::-1])
    with pytest.raises(ReportError, match="other weights"):
        maagn.load_report(report.save(tmp_path / "a.npz"), other)
