import subprocess
import sys
import threading
import time
from pathlib import Path

from app.server.imports import Imports
from tests.crowd.visitor import together

ROOT = Path(__file__).parents[2]


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


def test_a_program_that_imported_them_ends_without_a_word():
    """What is frozen is never looked at again: at the end DuckDB would list it as leaked."""
    code = "from app.server import imports; imports.REST.wait()"
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_the_first_screen_waits_for_neither_teaching_nor_printing():
    """scikit-learn takes a second to import, Matplotlib a third of one."""
    code = (
        "import sys; import app.page, app.controls, app.views.overlay_video;"
        "print([name for name in sys.modules "
        "if name.startswith(('sklearn', 'matplotlib'))][:1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "[]"
