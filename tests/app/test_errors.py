from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.selection import ClipChoice
from app.views.errors import film
from tests.app.test_explore import page_text, settle

ROOT = Path(__file__).parents[2]


@pytest.fixture
def app(monkeypatch, tmp_path) -> AppTest:
    monkeypatch.setenv("MAAGN_DATABASE", f"sqlite:///{tmp_path / 'notes.db'}")
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=90)
    app.run()
    return app.switch_page(str(ROOT / "pages" / "errors.py"))


VIEWS = ["Pairs", "Matrix", "Slices", "Neighbours", "Wrong clips", "Notes"]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens(app, view):
    settle(app)
    app.segmented_control(key="view").select(view)
    settle(app)
    assert not app.error


def test_a_cell_of_the_link_shows_its_clips_and_a_wrong_one_is_left_out(app):
    settle(app)
    app.segmented_control(key="view").select("Matrix")
    app.selectbox(key="m").select("tsm-demo")
    app.query_params["cell"] = "6-11"
    settle(app)
    assert "Opening something, predicted Taking something out of something: 10 clips" in page_text(
        app
    )
    app.query_params["cell"] = "6-99"
    settle(app)
    assert "Click a square" in page_text(app)


def test_a_film_moves_and_is_small():
    moving = film(ClipChoice.of_test(6, 276), ())
    assert moving[:4] == b"RIFF"
    assert b"ANIM" in moving[:64]
    assert len(moving) < 150_000
