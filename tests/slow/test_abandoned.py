"""The short form of `make abandoned`."""

import pytest

from tests.crowd.abandoned import ALLOWED_SECONDS, abandoned


@pytest.mark.timeout(900)
def test_who_stops_leaves_or_closes_the_tab_frees_the_worker_for_the_next_visitor():
    # Large, so that its work is not done before it is abandoned.
    found = abandoned(3, seed=2, preset="tsm-r50-8f", most_seconds=3.0)
    assert {one.way for one in found} == {"stop", "leave", "close"}
    assert not any(one.started for one in found)
    assert all(one.over < ALLOWED_SECONDS for one in found), found
