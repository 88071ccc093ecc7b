"""How often what is slow is done for an answer: decoding, scaling, forwards."""

from functools import wraps
from io import BytesIO
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import cache, predictions, runs
from app.components.player import payload
from app.gallery.catalogue import gallery
from app.jobs import Job
from app.selection import Question
from app.server.uploads import Holder, Uploads
from app.views import channels, compare
from app.views.stage import player_view
from maagn import checkpoint
from maagn.explain.cam import FIRST_LAYER, FIRST_METHOD
from maagn.teach.report import read_teaching as _teaching
from tests.app.test_explore import settle

ROOT = Path(__file__).parents[2]

MODELS = ("maagn-demo", "tpn-demo", "tsm-demo", "tsn-demo")
SLOW = ("read_video", "prepare", "trace", "report")


@pytest.fixture
def counts(monkeypatch) -> dict[str, int]:
    """How often each was called so far."""
    made = dict.fromkeys(SLOW, 0)

    def counted(name):
        work = getattr(cache, name)

        def count(*args, **kwargs):
            made[name] += 1
            return work(*args, **kwargs)

        monkeypatch.setattr(cache, name, count)

    for name in SLOW:
        counted(name)
    cache.forget()
    yield made
    cache.forget()


def asked(clip, target=None):
    digests = tuple(cache.card(name).digest for name in MODELS)
    question = Question(clip, MODELS, target, FIRST_METHOD, FIRST_LAYER, digests)
    return predictions.answer(question, Job())


def test_an_upload_is_decoded_and_scaled_once_for_all_networks(counts, tmp_path):
    uploads = Uploads(tmp_path)
    content = gallery()[5].path.read_bytes()
    holder = Holder(uploads)  # whose files go with it
    clip = uploads.store(BytesIO(content), name="own.mp4", holder=holder)
    answer = asked(clip)
    networks = len(MODELS)
    assert counts == {"read_video": 1, "prepare": 1, "trace": networks, "report": networks}
    assert len({id(report.inputs) for report in answer.reports}) == 1
    other = answer.reports[0].model.labels[-1]
    asked(clip, target=other)  # gradients alone
    assert counts == {"read_video": 1, "prepare": 1, "trace": networks, "report": 2 * networks}


def test_a_network_is_found_by_its_name_without_listing_all(monkeypatch):
    def refuse():
        raise AssertionError("all folders were listed")

    monkeypatch.setattr(checkpoint, "_files", refuse)
    assert checkpoint.find(MODELS[0]).is_file()


def test_what_was_taught_is_read_once(monkeypatch):
    read = []
    monkeypatch.setattr(runs, "read_teaching", lambda path: read.append(path) or _teaching(path))
    runs._named.cache_clear()
    before = runs.choices()
    assert len(read) == len(set(read)) > 0
    read.clear()
    assert runs.choices() == before
    assert not read


def test_a_figure_of_the_same_is_built_once(monkeypatch):
    cache.figure.clear()
    drawn = []
    monkeypatch.setattr(compare, "gain_chart", _noted(compare.gain_chart, drawn))
    monkeypatch.setattr(compare, "class_scatter", _noted(compare.class_scatter, drawn))
    monkeypatch.setattr(compare, "reliability_diagram", _noted(compare.reliability_diagram, drawn))
    monkeypatch.setattr(channels, "channel_heat", _noted(channels.channel_heat, drawn))
    for name, figures in (("attention", 2), ("compare", 3)):
        app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=90)
        app.switch_page(str(ROOT / "pages" / f"{name}.py"))
        settle(app)
        assert len(drawn) == figures, name
        settle(app)
        assert len(drawn) == figures, name
        drawn.clear()


@pytest.mark.usefixtures("counts")
def test_the_pictures_of_a_clip_are_scaled_and_coded_once(monkeypatch):
    coded, scaled = [], []
    monkeypatch.setattr(payload, "_coded", _noted(payload._coded, coded))
    monkeypatch.setattr(cache, "shown_frames", _noted(cache.shown_frames, scaled))
    payload._STILLS.clear()
    answer = asked(gallery()[5].choice())
    first, again = (payload.to_json(player_view(answer), key="player") for _ in range(2))
    assert first == again
    assert (len(coded), len(scaled)) == (1, 1)


def _noted(draw, drawn):
    @wraps(draw)
    def noting(*args, **kwargs):
        drawn.append(draw.__name__)
        return draw(*args, **kwargs)

    return noting
