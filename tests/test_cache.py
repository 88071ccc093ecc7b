import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from maagn.cache import BoundedCache


def test_the_last_asked_for_are_kept():
    made = []
    kept: BoundedCache[str] = BoundedCache(2)

    def get(key: str) -> str:
        return kept.get(key, lambda: made.append(key) or key.upper())

    assert [get(key) for key in "abacb"] == ["A", "B", "A", "C", "B"]
    assert made == ["a", "b", "c", "b"]  # b went when c came, since a was asked for after it
    assert len(kept) == 2


def test_the_oldest_go_when_bytes_are_short():
    cache = BoundedCache(250, lambda made: made.nbytes)
    for key in "abc":
        cache.get(key, lambda: np.zeros(100, np.uint8))
    assert (len(cache), cache.size) == (2, 200)
    made = []
    cache.get("c", lambda: made.append("c"))
    cache.get("a", lambda: made.append("a") or np.zeros(100, np.uint8))
    assert made == ["a"]
    cache.clear()
    assert (len(cache), cache.size) == (0, 0)


def test_what_is_too_large_is_given_and_not_kept():
    cache = BoundedCache(50, lambda made: made.nbytes)
    assert cache.get("a", lambda: np.zeros(100, np.uint8)).size == 100
    assert len(cache) == 0


def test_made_once_however_many_ask():
    cache, made = BoundedCache(1000), []

    def make():
        made.append(threading.get_ident())
        time.sleep(0.05)
        return 7

    with ThreadPoolExecutor(8) as many:
        assert set(many.map(lambda _: cache.get("a", make), range(8))) == {7}
    assert len(made) == 1


def test_an_error_is_not_kept():
    cache = BoundedCache(1000)
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: 1 / 0)
    assert cache.get("a", lambda: 1) == 1


class Watched:
    """A key that says when it is looked up."""

    def __init__(self):
        self.looked_up = threading.Event()

    def __hash__(self):
        self.looked_up.set()
        return 0


def test_after_a_failure_the_next_makes_it_and_whoever_asks_then_waits():
    cache, key, made = BoundedCache(2), Watched(), []
    failing, making, made_again = (threading.Event() for _ in range(3))

    def fails():
        key.looked_up.clear()
        failing.set()
        assert key.looked_up.wait(60)  # the second waits for this
        raise ZeroDivisionError

    def second():
        key.looked_up.clear()
        making.set()
        assert key.looked_up.wait(60)  # the third has asked
        made_again.wait(0.1)  # never set, unless the third does not wait
        made.append("second")
        return 2

    def third():
        made_again.set()
        made.append("third")
        return 3

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(cache.get, key, fails)
        assert failing.wait(60)
        waits = threads.submit(cache.get, key, second)
        with pytest.raises(ZeroDivisionError):
            first.result()
        assert making.wait(60)
        late = threads.submit(cache.get, key, third)
        assert (waits.result(), late.result()) == (2, 2)
    assert made == ["second"]


def test_what_is_kept_is_found_and_counts_as_asked_for():
    cache = BoundedCache(2)
    assert cache.find("a") is None
    cache.keep("a", 1)
    cache.keep("b", 2)
    assert cache.find("a") == 1
    cache.keep("c", 3)
    assert (cache.find("a"), cache.find("b"), cache.find("c")) == (1, None, 3)


def test_making_one_result_may_ask_for_another():
    cache = BoundedCache(2)
    assert cache.get("a", lambda: cache.get("b", lambda: 1) + 1) == 2
    assert len(cache) == 2


def test_who_asks_for_another_key_does_not_wait():
    cache, begun, other = BoundedCache(2), threading.Event(), threading.Event()

    def slow():
        begun.set()
        assert other.wait(60)
        return 1

    with ThreadPoolExecutor(1) as thread:
        first = thread.submit(cache.get, "a", slow)
        assert begun.wait(60)
        assert cache.get("b", lambda: 2) == 2  # would not return if it waited for the first
        other.set()
        assert first.result() == 1
