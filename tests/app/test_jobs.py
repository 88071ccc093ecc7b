import ctypes
import errno
import random
import threading
import time

import numpy as np
import pytest
import torch

from app.errors import Cancelled, TooManyWaiting, WorkerLost
from app.jobs import Job, Queue
from maagn.errors import DiskError, OutOfMemory


def test_who_asks_the_same_gets_the_same_job():
    queue, runs = Queue(), []
    gate = threading.Event()

    def work(job: Job) -> int:
        gate.wait(5)
        job.step(0.5, "half way")
        runs.append(1)
        return 7

    first, second = queue.ask("a", work), queue.ask("a", work)
    assert first is second
    assert not first.done
    gate.set()
    assert first.future.result(5) == 7
    assert (first.part, first.doing, len(runs)) == (0.5, "half way", 1)


def test_an_error_belongs_to_its_asker_and_can_be_tried_again():
    queue = Queue()

    def fail(job: Job) -> None:
        raise ValueError(job.doing)

    with pytest.raises(ValueError, match="Waiting"):
        queue.ask("a", fail).future.result(5)
    assert queue.ask("b", lambda _: 1).future.result(5) == 1  # the worker lives on
    queue.forget("a")
    assert queue.ask("a", lambda _: 2).future.result(5) == 2


def test_old_jobs_make_room():
    queue = Queue(kept=2)
    first = queue.ask(0, lambda _: 0)
    first.future.result(5)
    for key in (1, 2):
        queue.ask(key, lambda _: 0).future.result(5)
    assert queue.ask(0, lambda _: 0) is not first


def test_one_job_at_a_time():
    queue, running, most = Queue(), [], []

    def work(_: Job) -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.002)  # another thread's turn, if there were one
        running.pop()

    jobs = [queue.ask(key, work) for key in range(20)]
    for job in jobs:
        job.future.result(5)
    assert max(most) == 1


@pytest.fixture
def held():
    """A queue whose worker is busy until the event is set."""
    queue, gate = Queue(most_waiting=4), threading.Event()
    first = queue.ask("first", lambda _: gate.wait(5), asker="z")
    while first.started is None:
        time.sleep(0.001)
    yield queue, gate
    gate.set()


def test_visitors_take_turns(held):
    queue, gate = held
    order = []
    jobs = [
        queue.ask((who, n), lambda _, mark=f"{who}{n}": order.append(mark), asker=who)
        for who, n in (("a", 1), ("a", 2), ("a", 3), ("b", 1))
    ]
    assert [queue.before(job) for job in jobs] == [1, 3, 4, 2]
    gate.set()
    for job in jobs:
        job.future.result(5)
    assert order == ["a1", "b1", "a2", "a3"]


def test_a_job_that_two_wait_for_comes_at_the_sooner_turn(held):
    queue, gate = held
    order = []
    queue.ask("x", lambda _: order.append("x"), asker="a")
    shared = queue.ask("s", lambda _: order.append("s"), asker="a")
    assert queue.ask("s", lambda _: order.append("s"), asker="b") is shared
    last = queue.ask("y", lambda _: order.append("y"), asker="a")
    gate.set()
    last.future.result(5)
    assert order == ["x", "s", "y"]


def test_too_many_are_told_so(held):
    queue, gate = held
    jobs = [queue.ask(n, lambda _: 0) for n in range(4)]
    with pytest.raises(TooManyWaiting, match=r"busy: 4 requests are waiting\. Try again"):
        queue.ask(4, lambda _: 0)
    assert queue.ask(3, lambda _: 0) is jobs[3]  # no new work
    gate.set()
    jobs[3].future.result(5)
    assert queue.ask(4, lambda _: 4).future.result(5) == 4


def test_who_leaves_frees_the_place(held):
    queue, gate = held
    runs = []
    left = queue.ask("left", lambda _: runs.append("left"), asker="a")
    with queue.waiting_for(left):
        pass
    for n in range(4):  # its place among the four is free
        last = queue.ask(n, lambda _: runs.append("other"), asker="b")
    gate.set()
    last.future.result(5)
    assert runs == ["other"] * 4
    assert isinstance(left.future.exception(5), Cancelled)
    again = queue.ask("left", lambda _: 7, asker="a")  # back, and not told that it was stopped
    assert again.future.result(5) == 7


def test_work_that_everybody_left_ends_at_a_later_step(monkeypatch):
    monkeypatch.setattr("app.jobs.LONELY_SECONDS", 0.05)
    queue, begun = Queue(), threading.Event()

    def work(job: Job) -> None:
        begun.set()
        for _ in range(500):
            time.sleep(0.01)
            job.step(0.5, "working")

    job = queue.ask("a", work)
    with queue.waiting_for(job):
        begun.wait(5)
    assert isinstance(job.future.exception(2), Cancelled)
    again = queue.ask("b", lambda job: job.step(0.5, "nobody ever waited"))
    assert again.future.result(5) is None


def test_a_waiting_job_that_everybody_left_never_starts_and_its_place_is_kept_for_a_moment(
    held, monkeypatch
):
    monkeypatch.setattr("app.jobs.LONELY_SECONDS", 3.0)
    queue, gate = held
    order = []
    jobs = {
        name: queue.ask(name, lambda _, name=name: order.append(name), asker=name)
        for name in ("left", "back", "other")
    }
    for name in ("left", "back"):
        with queue.waiting_for(jobs[name]):
            pass
    gate.set()
    jobs["other"].future.result(5)
    assert order == ["other"]  # nobody is there for the two that come before it
    again = queue.ask("back", lambda _: order.append("again"), asker="back")  # a rerun comes back
    assert again is jobs["back"]
    with queue.waiting_for(again):
        again.future.result(5)
    assert order == ["other", "back"]
    assert isinstance(jobs["left"].future.exception(5), Cancelled)
    assert order == ["other", "back"]


def test_a_running_job_goes_on_for_a_rerun_that_comes_back(monkeypatch):
    monkeypatch.setattr("app.jobs.LONELY_SECONDS", 1.0)
    queue, begun, steps = Queue(), threading.Event(), []

    def work(job: Job) -> int:
        begun.set()
        for step in range(40):
            time.sleep(0.01)
            job.step(step / 40, "working")
            steps.append(step)
        return 7

    for _ in range(4):
        job = queue.ask("a", work)
        with queue.waiting_for(job):
            begun.wait(5)
            time.sleep(0.03)
        time.sleep(0.05)
    job = queue.ask("a", work)
    with queue.waiting_for(job):
        assert job.future.result(5) == 7
    assert steps == list(range(40))  # begun once


def test_who_comes_back_as_the_work_ends_for_want_of_visitors_gets_new_work(monkeypatch):
    monkeypatch.setattr("app.jobs.LONELY_SECONDS", 0.05)
    queue, given_up, end = Queue(), threading.Event(), threading.Event()

    def work(job: Job) -> int:
        if given_up.is_set():
            return 7
        while True:
            try:
                time.sleep(0.01)
                job.step(0.5, "working")
            except Cancelled:
                given_up.set()
                end.wait(5)  # what it still has to tidy
                raise

    first = queue.ask("a", work)
    with queue.waiting_for(first):
        while first.started is None:
            time.sleep(0.001)
    given_up.wait(5)
    again = queue.ask("a", work)
    end.set()
    with queue.waiting_for(again):
        assert again.future.result(5) == 7


def test_a_waiting_job_that_is_told_to_stop_never_starts(held):
    queue, gate = held
    runs = []
    stopped = queue.ask("stopped", lambda _: runs.append(1), asker="a")
    stopped.cancel()
    other = queue.ask("other", lambda _: 7, asker="b")
    assert queue.before(other) == 1  # the one that runs
    assert isinstance(stopped.future.exception(0), Cancelled)
    gate.set()
    assert other.future.result(5) == 7
    assert runs == []


def test_twenty_jobs_abandoned_at_random_moments_and_the_next_is_served_soon(monkeypatch):
    """tests/slow/test_abandoned.py has the same with a large network, pages and tabs."""
    monkeypatch.setattr("app.jobs.LONELY_SECONDS", 0.2)
    forward, noise = 0.05, random.Random(3)
    queue, waits = Queue(), []

    def work(job: Job) -> None:
        for _ in range(400):
            job.step(0.5, "working")
            time.sleep(forward)

    for number in range(20):
        running = queue.ask(("running", number), work, asker=f"a{number}")
        with queue.waiting_for(running):
            waiting = queue.ask(("waiting", number), work, asker=f"b{number}")
            with queue.waiting_for(waiting):
                time.sleep(noise.uniform(0.0, 0.2))
                if number % 5 == 0:
                    running.cancel()
                if number % 5 == 1:
                    waiting.cancel()
        left = time.monotonic()
        after = queue.ask(("next", number), lambda _: time.monotonic(), asker=f"c{number}")
        waits.append(after.future.result(10) - left)
        assert waiting.started is None
    print(f"served after {max(waits):.2f} s at most, {sorted(waits)[10]:.2f} s in the middle")
    assert max(waits) < 2 + forward


def test_the_worker_killed_in_the_middle_is_named_and_replaced():
    queue, begun = Queue(), threading.Event()

    def work(_: Job) -> None:
        begun.set()
        while True:
            time.sleep(0.001)

    job = queue.ask("a", work)
    begun.wait(5)
    ended = ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(queue._worker.ident), ctypes.py_object(SystemExit)
    )
    assert ended == 1
    assert isinstance(job.future.exception(2), WorkerLost)
    assert queue.ask("b", lambda _: 1).future.result(2) == 1


def test_results_make_room_by_their_bytes():
    queue = Queue(kept_bytes=2500)
    for key in range(3):
        queue.ask(key, lambda _: np.zeros(1000, np.uint8)).future.result(5)
    queue.ask("last", lambda _: 0).future.result(5)
    assert [queue.find(key) is not None for key in range(3)] == [False, True, True]


def test_a_full_disk_and_a_full_device_are_named_and_the_next_is_served():
    queue = Queue()

    def full(_: Job) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def large(_: Job) -> torch.Tensor:
        return torch.empty(1 << 48)

    assert isinstance(queue.ask("a", full).future.exception(5), DiskError)
    assert isinstance(queue.ask("b", large).future.exception(5), OutOfMemory)
    assert queue.ask("c", lambda _: 1).future.result(5) == 1
