"""Networks of somebody's own beside the demonstration ones, and addresses that choose them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from streamlit.testing.v1 import AppTest

from app.gallery.catalogue import FIRST
from maagn.checkpoint import FOLDER as NETWORKS
from maagn.config import ModelSpec
from maagn.opposites.clip import OPPOSITES_LABELS
from tests.tiny import BASELINES, SPEC, save_tiny

ROOT = Path(__file__).parents[2]
TEN = tuple(f"Thing {number}" for number in range(10))
TEN_TITLE = "10 classes: mine-maagn, mine-tsn"
OPPOSITES_TITLE = "34 classes: own-maagn, own-tsn"


def write_own_networks(folder: Path) -> None:
    """The demonstration networks, a pair that knows ten classes, a pair that knows the benchmark's.

    The second pair's names come after the first's in the alphabet, as the titles above have it.
    """
    folder.mkdir()
    for path in NETWORKS.glob("*-demo.safetensors"):
        (folder / path.name).symlink_to(path)
    for owner, labels in (("mine", TEN), ("own", OPPOSITES_LABELS)):
        save_own(folder / f"{owner}-maagn.safetensors", SPEC, labels)
        save_own(folder / f"{owner}-tsn.safetensors", BASELINES["tsn"], labels)


def save_own(path: Path, spec: ModelSpec, labels: Sequence[str]) -> Path:
    """One network with fresh weights that knows those classes."""
    return save_tiny(path, spec=replace(spec, classes=len(labels)), labels=tuple(labels))


def asked(url: str) -> dict[str, str]:
    """The choices that an address names."""
    return {key: values[-1] for key, values in parse_qs(urlsplit(url).query).items()}


def opened(page: str | None = None) -> AppTest:
    """A page about the first clip of the gallery."""
    app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    app.query_params["clip"] = FIRST
    app.run()
    if page is not None:
        app.switch_page(str(ROOT / "pages" / f"{page}.py"))
        app.run()
    return app


def text_of(app: AppTest) -> str:
    """All its words, and what is drawn as HTML; nothing went wrong."""
    assert not app.exception
    html = " ".join(str(block.proto.body) for block in app.get("html"))
    parts = [*app.markdown, *app.caption, *app.warning, *app.info, *app.error]
    return html + " ".join(part.value for part in parts)
