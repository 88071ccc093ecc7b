"""No text of an address reaches the disk, and none ends a page."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import dataset_links
from app.gallery.catalogue import clip_named
from app.selection import ClipChoice
from maagn.data import registry
from maagn.data.open import open_videos
from maagn.data.registry import register
from tests.browser import hostile

ROOT = Path(__file__).parents[2]
MARK = "xyzzy"  # of a file that is there
PARAMETERS = (
    "clip", "pin", "networks", "class", "method", "layer", "path", "q", "who",
    "start", "end", "moment", "step", "cell",
    "set", "words", "of", "m", "view", "wrong", "pair", "a", "b", "class_", "edit", "unit",
)  # fmt: skip
TEXTS = {
    "up": f"../{MARK}",
    "absolute": f"/tmp/{MARK}",
    "data up": f"data/../{MARK}",
    "data absolute": f"data//tmp/{MARK}",
    "video up": f"data/{hostile.SET}/../../{MARK}",
    "video absolute": f"data/{hostile.SET}//tmp/{MARK}",
    "file": f"file:///tmp/{MARK}",
    "NUL": f"{MARK}\0.mp4",
    "full-width dots": f"\uff0e\uff0e\uff0f{MARK}",
    "full-width data": f"data/{hostile.SET}/\uff0e\uff0e\u2215{MARK}",
    "right to left": f"\u202e4pm.{MARK}",
    "combining": f"{MARK}" + "\u0301" * 400,
    "lone surrogate": f"\udcff{MARK}",
    "backslashes": f"..\\{MARK}",
    "encoded": f"%2e%2e%2f{MARK}",
    "long": f"{MARK}/" * 20_000,
    "many digits": "9" * 20_000,
    "many digits twice": f"{'9' * 5_000}-{'9' * 5_000}",
    "full-width digits": "\uff11-\uff12",
    "negative": "-1",
    "a query": f"' OR 1=1; COPY videos TO '/tmp/{MARK}'; --",
}
_OPENED: list[str] | None = None


def _watch(event: str, args: tuple) -> None:
    if _OPENED is not None and event in ("open", "os.listdir", "os.scandir", "os.mkdir"):
        _OPENED.append(str(args[0]))


sys.addaudithook(_watch)


@contextmanager
def opened() -> Iterator[list[str]]:
    """What is opened meanwhile."""
    global _OPENED
    _OPENED = []
    try:
        yield _OPENED
    finally:
        _OPENED = None


@pytest.fixture
def data(monkeypatch, tmp_path):
    (tmp_path / MARK).write_bytes(hostile.CLIP.read_bytes())
    hostile.write_set(tmp_path / "sets", tmp_path / "videos")
    monkeypatch.setattr(registry, "FOLDER", tmp_path / "sets")


@pytest.mark.usefixtures("data")
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_no_link_opens_what_is_not_listed(text):
    with opened() as files:
        assert ClipChoice.of_link(text) is None
        assert clip_named(text) is None
        assert dataset_links.linked(text) is None
    assert not any(MARK in file for file in files if "videos.parquet" not in file)


@pytest.fixture(scope="module")
def app() -> AppTest:
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=90)
    app.run()
    return app


@pytest.mark.parametrize("page", ["data", "errors", "learn"])
@pytest.mark.parametrize("kind", [kind for kind in TEXTS if kind != "lone surrogate"])
def test_no_page_ends_on_a_link(app, page, kind):
    app.switch_page(str(ROOT / "pages" / f"{page}.py"))
    for name in PARAMETERS:
        app.query_params[name] = TEXTS[kind]
    with opened() as files:
        app.run()
        if page == "errors":
            app.query_params["view"] = "Matrix"  # which reads `cell`
            app.run()
    assert not app.exception
    assert not any(MARK in file for file in files)
    for name in PARAMETERS:
        app.query_params.pop(name, None)


@pytest.mark.usefixtures("data")
def test_a_listed_clip_is_opened():
    (video, *_) = open_videos(registry.find(hostile.SET).folder).videos
    assert dataset_links.linked(f"data/{hostile.SET}/{video.id}").path == video.path


@pytest.mark.parametrize("name", ["..", "a/b", "\uff0e\uff0e", "a\0b", "a\u202eb", "x" * 10_000])
def test_no_set_is_registered_elsewhere(tmp_path, name):
    folder = tmp_path / "videos"
    (folder / "one").mkdir(parents=True)
    (folder / "one" / "a.mp4").write_bytes(b"")
    with pytest.raises(registry.RegistryError, match="cannot be a name"):
        register(open_videos(folder), name=name, root=tmp_path / "sets")
    assert not (tmp_path / "sets").exists()
