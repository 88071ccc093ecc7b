"""Every video of a folder gives rows; one that cannot be read is named, and the others go on."""

import shutil

import pytest

import maagn
from maagn.errors import DatasetError, UnknownTable, UnknownTarget
from tests.api.conftest import OPENING


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("clips")
    for name in ("opening something", "other"):
        (made / name).mkdir()
        shutil.copy(OPENING, made / name / "a.mp4")
    (made / "broken.mp4").write_bytes(b"not a video")
    (made / "notes.txt").write_text("not a video either")
    (made / ".hidden").mkdir()
    shutil.copy(OPENING, made / ".hidden" / "b.mp4")
    return made


def test_predictions_of_a_folder_are_a_table(folder, model, capsys):
    table = maagn.predict_folder("tiny", folder)
    assert list(table["clip"]) == ["broken.mp4", "opening something/a.mp4", "other/a.mp4"]
    alone = maagn.predict(model, OPENING)
    read = table[table.problem.isna()]
    assert list(read.answer) == [alone.top(1)[0][0]] * 2
    assert read.probability.tolist() == pytest.approx([alone.top(1)[0][1]] * 2)
    assert list(read.truth.fillna("")) == ["Opening something", ""]
    assert "broken.mp4" in table.problem[0]
    assert "3 of 3 clips" in capsys.readouterr().err


def test_several_networks_share_what_was_read(folder, model):
    told = []
    table = maagn.predict_folder(
        ["tiny", model], folder, progress=lambda done, of: told.append((done, of))
    )
    assert len(table) == 6
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("table", ["summary", "answers", "masks", "gates", "evidence"])
def test_explanations_of_a_folder_are_the_tables_of_its_reports(folder, model, table, capsys):
    found = maagn.explain_folder(model, folder, table=table, progress=False)
    assert capsys.readouterr().err == ""
    assert list(found)[:3] == ["model", "clip", "truth"]
    alone = maagn.explain(model, OPENING).frame(table)
    own = found[found["clip"] == "other/a.mp4"].reset_index(drop=True)
    assert len(own) == len(alone)
    assert list(own.drop(columns=["truth", "problem", "clip"])) == list(alone.drop(columns="clip"))
    assert found.problem.notna().sum() == 1


@pytest.mark.usefixtures("as_people_run_it")
def test_mistakes_are_refused_before_any_clip_is_read(folder, tmp_path):
    with pytest.raises(UnknownTable):
        maagn.explain_folder("tiny", folder, table="all")
    with pytest.raises(UnknownTarget):
        maagn.explain_folder("tiny", folder, target="Dancing")
    for wrong, words in ((tmp_path, "no video"), (tmp_path / "x", "no folder"), (OPENING, "file")):
        with pytest.raises(DatasetError, match=words):
            maagn.predict_folder("tiny", wrong)
