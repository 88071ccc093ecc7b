import threading
import time

from app.imports import Imports
from tests.crowd.visitor import together


def test_imported_once_and_all_wait_until_it_is_done():
    made = []

    def make():
        time.sleep(0.1)
        made.append(threading.current_thread().name)

    imports = Imports(make)
    seen = []
    assert not together([lambda: (imports.wait(), seen.append(len(made)))] * 6)
    assert made == ["imports"]
    assert seen == [1] * 6


def test_what_cannot_be_imported_holds_nobody_up(monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda _args: None)

    def make():
        raise ImportError("not there")

    imports = Imports(make)
    imports.wait()
    imports.wait()
