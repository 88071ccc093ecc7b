import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import audits, cache
from app.networks import DEMONSTRATION, groups
from app.views.settings import origin_rows
from maagn import checkpoint
from maagn.evaluate import runner

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120


@pytest.fixture
def app(monkeypatch, tmp_path) -> AppTest:
    monkeypatch.setattr(runner, "FOLDER", tmp_path)
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=PATIENCE_SECONDS)
    app.run()
    app.switch_page(str(ROOT / "pages" / "settings.py"))
    return app


def settle(app: AppTest) -> str:
    app.run()
    assert not app.exception
    assert not app.error
    return " ".join(x.value for x in [*app.markdown, *app.caption, *app.warning])


def test_networks_data_and_machine_are_told(app):
    text = settle(app)
    for name in groups()[DEMONSTRATION]:
        assert name in text
    assert "parameters" in text
    assert "34 classes in 17 pairs" in text
    assert "given by other weights" not in text
    assert f"Masks: {audits.summary_of(cache.card('maagn-demo'))}" in text
    with_masks = [name for name in checkpoint.available() if cache.card(name).has_masks]
    assert with_masks == ["maagn-demo", "walking-maagn"]
    assert text.count("Masks:") == 2


def test_answers_of_other_weights_are_told():
    found = cache.results()
    cards = [cache.card(name) for name in groups()[DEMONSTRATION]]
    assert origin_rows(found, cards)[1] == []
    changed = [replace(cards[0], digest="0" * 64), *cards[1:]]
    rows, names = origin_rows(found, changed)
    assert names == [cards[0].name]
    assert "✗" in rows.set_index("network").loc[cards[0].name, "present checkpoint"]


def test_a_card_names_the_data_in_a_line_and_details_the_rest(app):
    settle(app)
    told = [block.value for block in app.markdown if block.value.startswith("**maagn-demo**")]
    (card,) = (text for text in told if "parameters" in text)
    assert "Trained on rendered opposite actions, training split: " in card
    assert not re.search("[0-9a-f]{17}", card)
    details = [text.value for text in app.caption if "backbone of the file" in text.value]
    assert len(details) >= 4
