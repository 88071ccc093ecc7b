import threading

import pytest

from app.jobs import Job, Queue


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
    for key in (1, 2):
        queue.ask(key, lambda _: 0).future.result(5)
    assert queue.ask(0, lambda _: 0) is not first


def test_one_job_at_a_time():
    queue, running, most = Queue(), [], []

    def work(_: Job) -> None:
        running.append(1)
        most.append(len(running))
        running.pop()

    jobs = [queue.ask(key, work) for key in range(20)]
    for job in jobs:
        job.future.result(5)
    assert max(most) == 1
