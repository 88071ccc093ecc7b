"""The short forms of `make load`, `make soak` and the killed server of `make faults`."""

import threading

import pytest

from tests.app.guarded import guarded
from tests.crowd.kills import kills
from tests.crowd.load import load
from tests.crowd.soak import Soak, growth
from tests.crowd.visitor import Visitor, together

pytestmark = pytest.mark.timeout(900)


def test_every_visitor_of_a_crowd_gets_the_answers_given_alone():
    found = load(sessions=3, actions=6, think=0.0, seed=3)
    assert found.raised == ()
    assert found.different == ()
    assert found.processes <= 1 + 2  # the server, and decoding workers


def test_visitors_who_come_at_the_same_moment_to_a_server_that_has_just_begun(tmp_path):
    barrier = threading.Barrier(4)
    seen: list[list[str]] = []

    def visit(url: str) -> None:
        visitor = Visitor(url)
        for _ in range(5):
            barrier.wait()
            visitor.open()
            seen.append(visitor.shown()[:1])

    with guarded(tmp_path, {}) as server:
        assert together([lambda: visit(server.url)] * 4) == []
    assert seen == [["What is happening, and why do the networks say so?"]] * 20


def test_visitors_come_and_go_and_leave_nothing_open(tmp_path):
    soak = Soak(hours=0.0, clips=16, sessions=2, seconds_between=0.5)
    assert soak.run(tmp_path / "rows.jsonl") == []
    assert soak.given == 16
    assert growth(soak.rows, "descriptors", warm=0.5) <= 8
    assert growth(soak.rows, "threads", warm=0.5) <= 8
    assert growth(soak.rows, "processes", warm=0.5) <= 2


def test_a_server_killed_in_the_middle_of_everything():
    found = kills(1, seed=5, most_seconds=20.0)
    assert found.lost == found.doubled == found.asked_twice == 0
    assert found.same_view
    assert found.same_evaluation
    assert found.processes_left == found.folders_left == 0
