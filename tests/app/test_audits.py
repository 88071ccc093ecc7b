"""What pages say of masks and gates over many clips."""

import html
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import audits, cache
from app.gallery.catalogue import FIRST, clip_named
from app.html_report import to_html
from app.jobs import Job
from app.predictions import stepped
from app.selection import Question, Selection
from app.views.attention import charts
from maagn.evaluate.audit_file import read_audit
from maagn.explain.attention import GATE, MTAM, MTAM_ANGLES, SDM

ROOT = Path(__file__).parents[2]
NAME = "maagn-demo"


@pytest.fixture(scope="module")
def shipped():
    (audit,) = (one for one in read_audit() if one.model == NAME)
    return audit


def test_the_shipped_audit_is_of_the_shipped_weights(shipped):
    assert audits.audit_of(cache.card(NAME)) == shipped
    assert cache.card(NAME).digest == shipped.digest


@pytest.mark.parametrize("path", [0, 1, 2])
def test_behind_a_line_lies_the_band_of_all_clips_and_a_constant_is_pale(shipped, path):
    question = Question(clip_named(FIRST).choice(), (NAME,), None, "gradcam", "backbone.res4")
    selection = Selection(question, path=path)
    sdm, _, total = charts(*stepped(selection, Job()), selection)
    for chart, mask in ((sdm, SDM), (total, MTAM)):
        known = shipped.of(path, mask.key)
        low, high = chart.series[0].band
        np.testing.assert_array_equal(low, known.band.low)
        np.testing.assert_array_equal(high, known.band.high)
        assert chart.series[0].faint == (known.verdict in ("constant", "dead"))
    said = audits.verdicts(cache.card(NAME), (SDM, MTAM, GATE), path)
    assert all(shipped.of(path, mask.key).sentence in said for mask in (SDM, MTAM, GATE))


def test_where_nobody_measured_the_page_says_how_to(monkeypatch):
    monkeypatch.setattr(audits, "_shipped", dict)
    model = cache.card(NAME)
    assert "`maagn audit NAME --out runs/FOLDER`" in audits.verdicts(model, (SDM,), 0)
    assert audits.band_of(model, SDM, 0) is None
    assert not audits.constant(model, SDM, 0)
    assert audits.average_of(model, SDM, 0) is None


def test_a_card_has_the_share_of_the_clip_and_what_the_averages_cost(shipped, monkeypatch):
    points = shipped.masks.effects["average"].top1.points
    said = audits.summary_of(cache.card(NAME))
    assert said.startswith(shipped.masks.verdict)
    assert f"clip explains {100 * shipped.masks.clip_share:.0f} %" in said
    assert f"{points.low:.1f} to {points.high:.1f}" in said
    assert audits.summary_of(cache.card("tsm-demo")) is None
    monkeypatch.setattr(audits, "_shipped", dict)
    assert audits.summary_of(cache.card(NAME)).startswith("not audited")


@pytest.mark.parametrize("page", ["explore", "attention"])
def test_a_report_has_the_networks_at_its_head_and_a_sentence_beside_each_mask(page, shipped):
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60)
    app.run()
    app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()
    app.run()
    assert not app.exception
    written = html.unescape(to_html(app.session_state["sheet"]))
    head, _, rest = written.partition("</section>")
    assert f"<td>{shipped.masks.summary}</td>" in head
    assert head.index("<h2>Networks</h2>") > head.index("<h1>")
    drawn = [shipped.of(0, mask.key).sentence for mask in (SDM, *MTAM_ANGLES, MTAM)]
    assert all(sentence in rest for sentence in drawn)


def test_networks_without_paths_have_no_audit():
    for name in ("tpn", "tsm", "tsn"):
        assert audits.audit_of(cache.card(f"{name}-demo")) is None
