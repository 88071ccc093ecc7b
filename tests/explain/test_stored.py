import json
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
import torch

from maagn.explain.report import document, report
from maagn.explain.report_file import read_reports, write_reports
from maagn.inference import trace


@pytest.fixture
def reports(model, clip):
    run = trace(model, clip)
    return [report(model, clip, run, target=0), report(model, clip, run, target=1, against=0)]


def same(a, b) -> bool:
    if is_dataclass(a):
        return all(same(getattr(a, field.name), getattr(b, field.name)) for field in fields(a))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, torch.Tensor):
        return torch.equal(a, b)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def test_what_is_read_is_what_was_written(tmp_path, reports):
    path = tmp_path / "kept.npz"
    write_reports(path, reports)
    cards = {one.model.name: one.model for one in reports}
    found = read_reports(path, cards)
    assert found is not None
    assert all(map(same, found, reports))
    assert json.dumps(document(found)) == json.dumps(document(reports))


def test_other_weights_or_a_damaged_file_give_nothing(tmp_path, reports):
    path = tmp_path / "kept.npz"
    write_reports(path, reports)
    card = reports[0].model
    assert read_reports(path, {card.name: replace(card, digest="0" * 64)}) is None
    assert read_reports(path, {}) is None
    path.write_bytes(path.read_bytes()[:-200])
    assert read_reports(path, {card.name: card}) is None
    assert read_reports(tmp_path / "none.npz", {card.name: card}) is None
