from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.views.paper import MODULES, read_rows, source

ROOT = Path(__file__).parents[2]


def test_every_row_of_the_document_has_a_file_that_exists():
    rows = read_rows()
    assert len(rows) == 21
    for row in rows:
        assert (ROOT / "maagn" / "nn" / row.file).exists() or (ROOT / "maagn" / row.file).exists()
    by = {row.what: row for row in rows}
    assert by["Eq. 5"].file == "sdm.py"  # whose code is "the same" as the row's above
    assert by["Eq. 14"].page == "gating"
    assert by["Table 6, parameters"].page == "settings"


def test_the_code_shown_is_the_files_own():
    for thing in MODULES.values():
        text = (ROOT / f"{thing.__module__.replace('.', '/')}.py").read_text()
        assert source(thing).strip() in text


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    app.run()
    app.switch_page(str(ROOT / "pages" / "paper.py"))
    return app


def test_the_page_shows_table_and_code(app):
    app.run()
    assert not app.exception
    assert len(app.dataframe[0].value) == 21
    code = " ".join(block.value for block in app.code)
    assert "class SpatialDifference" in code
    assert "class MAAGN" in code


def test_without_the_document_the_page_says_so_and_shows_the_code(app, monkeypatch, tmp_path):
    monkeypatch.setattr("app.views.paper.read_rows.__defaults__", (tmp_path / "none.md",))
    app.run()
    assert "docs/paper.md is missing" in app.warning[0].value
    assert app.code
