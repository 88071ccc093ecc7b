"""What pages say of masks and gates over many clips."""

import numpy as np
import pytest

from app import audits, cache
from app.gallery.catalogue import FIRST, clip_named
from app.jobs import Job
from app.predictions import stepped
from app.selection import Question, Selection
from app.views.attention import charts
from maagn.evaluate.audit_file import read_audit
from maagn.explain.attention import GATE, MTAM, SDM

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
    sdm, _, total = charts(*stepped(Selection(question, path=path), Job()))
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
    assert "`maagn audit NAME --out FOLDER`" in audits.verdicts(model, (SDM,), 0)
    assert audits.band_of(model, SDM, 0) is None
    assert not audits.constant(model, SDM, 0)
    assert audits.average_of(model, SDM, 0) is None


def test_networks_without_paths_have_no_audit():
    for name in ("tpn", "tsm", "tsn"):
        assert audits.audit_of(cache.card(f"{name}-demo")) is None
