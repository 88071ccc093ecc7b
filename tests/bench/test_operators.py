"""Where a forward's time goes."""

import pytest

from maagn.bench import operators


def test_a_forwards_time_is_shared_out_and_convolutions_take_the_most():
    found = operators.shares(short=True)
    for shares in found.values():
        assert sum(shares.values()) == pytest.approx(1)
        assert all(share > 0 for share in shares.values())  # no kind has lost its operators' names
        convolutions = shares["convolutions of oneDNN"] + shares["other convolutions"]
        assert convolutions > 0.4
        assert shares[operators.REST] < 0.3
    assert found["fast twins"]["BatchNorm"] < found["as it is trained"]["BatchNorm"]
