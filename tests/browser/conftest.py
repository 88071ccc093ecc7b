"""What browser tests share: a Chromium, a page that remembers its errors, Streamlit servers."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    expect,
    sync_playwright,
)

from app.components.player.bundle import FOLDER
from tests.app.guarded import Guarded, guarded
from tests.browser import hostile
from tests.programs import missing
from tests.served import ROOT, free_port, served, url_of

PATIENCE_MILLISECONDS = 60_000  # for a machine that has other things to do

Launch = Callable[..., Browser]
Serve = Callable[[Path], str]

# Notes of tests never meet those of the person who runs them.
_NOTES = f"sqlite:///{Path(tempfile.mkdtemp(prefix='maagn-notes-')) / 'notes.db'}"


@pytest.fixture(scope="session")
def launch() -> Iterator[Launch]:
    """Start a Chromium with further arguments: the one in CHROMIUM, on the path, or Playwright's.

    While Playwright runs, its thread cannot run another event loop: these tests have a folder and
    a process of their own.
    """
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:

        def start(*arguments: str) -> Browser:
            try:
                # Without its sandbox, because a container's root may not have one.
                return playwright.chromium.launch(
                    executable_path=executable, args=["--no-sandbox", *arguments]
                )
            except Error as error:
                if os.environ.get("MAAGN_BROWSER") == "required":  # as `make browser` and CI ask
                    raise
                missing(f"Chromium ({error.message.splitlines()[0]})")

        yield start


@pytest.fixture(scope="session")
def browser(launch: Launch) -> Iterator[BrowserContext]:
    """1280 x 900, one cache for all pages: Streamlit's own scripts are slow to load."""
    chromium = launch()
    yield chromium.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    chromium.close()


@pytest.fixture
def browser_page(browser: BrowserContext) -> Iterator[Page]:
    """A fresh page; Streamlit takes it for a new visitor."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    yield page
    page.close()


@pytest.fixture
def console_errors(browser_page: Page) -> list[str]:
    """Filled with what goes wrong in the page: console errors and uncaught exceptions."""
    errors: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        # Opened at a page's own address, Streamlit first looks for its server below that address.
        probing = "_stcore/" in message.location.get("url", "") and "404" in message.text
        if message.type == "error" and not probing:
            errors.append(message.text)

    browser_page.on("console", listen)
    browser_page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


@pytest.fixture(scope="session")
def serve_streamlit() -> Iterator[Serve]:
    """Start a Streamlit script on a free port and give its address; one server a script."""
    with ExitStack() as servers:
        yield cache(lambda script: servers.enter_context(_streamlit(script)))


@contextmanager
def _streamlit(script: Path) -> Iterator[str]:
    port = free_port()
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *options]
    environment = {"PYTHONPATH": str(ROOT), "MAAGN_DATABASE": _NOTES}
    with served(command, port, environment=environment):
        yield url_of(port)


@pytest.fixture(scope="session")
def closed_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The app without a network, among networks and sets whose names would be markup."""
    folder = tmp_path_factory.mktemp("closed")
    hostile.write_networks(folder / "networks")
    hostile.write_set(folder / "sets", folder / "videos")
    environment = {
        "MAAGN_CHECKPOINTS": str(folder / "networks"),
        "MAAGN_DATASETS": str(folder / "sets"),
    }
    with guarded(folder, environment) as server:
        yield server


@pytest.fixture
def script(browser_page: Page):
    """Call a function of a script of the player that needs no other."""

    def call(name: str, expression: str, argument: object = None) -> object:
        return browser_page.evaluate(
            """async ([text, expression, argument]) => {
              const blob = new Blob([text], { type: "text/javascript" });
              const module = await import(URL.createObjectURL(blob));
              return new Function("m", "x", `return ${expression}`)(module, argument);
            }""",
            [(FOLDER / name).read_text(encoding="utf-8"), expression, argument],
        )

    return call
