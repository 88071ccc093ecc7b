"""The wheel, installed away from the project, by a person who stands in an empty folder."""

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

from app.gallery.catalogue import FIRST, FOLDER
from maagn.checkpoint import folder_of
from maagn.evaluate.results import read_results
from tests.served import ROOT, free_port, served

OURS = ("maagn", "maagn_explorer")
CLIP = FOLDER / FIRST
WALKING = folder_of("walking") / "clips"
FIRST_PAGE = """
import sys
from maagn.folders import SHIPPED
sys.path.insert(0, str(SHIPPED))
from streamlit.testing.v1 import AppTest
page = AppTest.from_file(str(SHIPPED / "app" / "main.py"), default_timeout=200).run()
assert not page.exception, page.exception
from app.gallery.catalogue import filmed
from app.tour.people import people
from app.views.paper import DOCUMENT
assert len(filmed()) == 12 and people() is not None and DOCUMENT.is_file()
print(page.header[0].value)
"""


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel, and somebody who uses it.

    Attributes:
        programs: the environment's `bin`.
        packages: where its packages lie.
        home: of the person.
    """

    programs: Path
    packages: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """Theirs, in which nothing names a folder of the project's."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        return kept | {"HOME": str(self.home), "OMP_NUM_THREADS": "1"}

    @property
    def data(self) -> Path:
        """Where what they make is kept."""
        return self.home / ".local" / "share" / "maagn"

    def __call__(self, *words: object, program: str = "maagn") -> str:
        """What a command prints that ends well."""
        done = subprocess.run(
            [self.programs / program, *map(str, words)],
            cwd=self.home,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def digests(packages: Path) -> dict[str, str]:
    """Of every file that was installed, by its path."""
    return {
        path.relative_to(packages).as_posix(): sha256(path.read_bytes()).hexdigest()
        for name in OURS
        for path in sorted((packages / name).rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", out, ROOT]
    subprocess.run(command, check=True)
    (path,) = out.glob("maagn-*.whl")
    return path


@pytest.fixture(scope="module")
def maagn(wheel, tmp_path_factory):
    """The program, in an environment with this one's other packages and two bad neighbours.

    Whether all of those are declared is asked in tests/test_dependencies.py.
    """
    place = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": place}))
    pip = [sys.executable, "-m", "pip", "--python", place / "bin" / "python"]
    subprocess.run([*pip, "install", "-q", "--no-deps", "--no-index", wheel], check=True)
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    for name in ("app", "pages"):
        (packages / name).mkdir()
        (packages / name / "__init__.py").write_text("raise ImportError('another project')\n")
    before = digests(packages)
    home = tmp_path_factory.mktemp("home")
    (home / "app.py").write_text("raise ImportError('a script of theirs')\n")
    yield Installed(place / "bin", packages, home)
    assert digests(packages) == before, "something was written among the packages"


def test_the_wheel_has_what_the_project_tracks_and_no_tests(wheel):
    names = ["maagn", "app", "pages", "checkpoints", "docs/paper.md"]
    listing = ["git", "ls-files", "-co", "-z", "--exclude-standard", "--", *names]
    tracked = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    with ZipFile(wheel) as file:
        packed = {name for name in file.namelist() if ".dist-info/" not in name}
    assert {name.removeprefix("maagn_explorer/") for name in packed} == set(tracked.split("\0")) - {
        ""
    }


def test_it_takes_no_name_that_is_for_everybody(wheel):
    with ZipFile(wheel) as file:
        tops = {name.partition("/")[0] for name in file.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(OURS)


def test_version_and_networks(maagn):
    assert maagn("--version") == "maagn 0.1.0\n"
    listed = maagn("models")
    for name in ("maagn-demo", "tpn-demo", "tsm-demo", "tsn-demo", "walking-tsm"):
        assert name in listed


def test_a_clip_is_explained(maagn):
    shutil.copy(CLIP, maagn.home)
    maagn("explain", CLIP.name, "--model", "tsm-demo", "--out", "explained")
    explained = json.loads((maagn.home / "explained" / "explanation.json").read_text("utf-8"))
    assert [model["model"]["name"] for model in explained["models"]] == ["tsm-demo"]


def test_own_actions_are_taught_and_evaluated(maagn):
    shutil.copytree(WALKING, maagn.home / "doors")
    maagn("teach", "doors", "--name", "doors", "--start", "tsm-demo")
    assert (maagn.data / "checkpoints" / "doors" / "doors-tsm.safetensors").is_file()
    assert any((maagn.data / "runs" / "teach" / "features").iterdir())
    assert "doors-tsm" in maagn("models")
    where = ("--data", "doors", "--layout", "class-folders", "--split", "train")
    told = maagn("evaluate", *where, "--model", "doors-tsm", "--out", maagn.data / "runs" / "doors")
    assert "`maagn app`: http://127.0.0.1:8501/compare?run=doors" in " ".join(told.split())


def test_rendered_clips_are_evaluated(maagn):
    maagn("evaluate", "--model", "tsn-demo", "--per-class", "1", "--out", "measured.parquet")
    assert read_results(maagn.home / "measured.parquet").models == ("tsn-demo",)


def test_the_explorer_is_served_to_this_machine_alone(maagn):
    port = free_port()
    command = [str(maagn.programs / "maagn"), "app", "--server.port", str(port)]
    emptied = {name: "" for name in os.environ if name.startswith(("MAAGN_", "XDG_", "PYTHON"))}
    with (
        served(command, port, environment=emptied | maagn.environment, folder=maagn.home),
        pytest.raises(ConnectionRefusedError),
    ):
        socket.create_connection(("127.0.0.2", port), timeout=5)


def test_the_first_page_is_drawn_with_all_that_came_along(maagn):
    told = maagn("-P", "-c", FIRST_PAGE, program="python").splitlines()
    assert told[-1] == "What is happening, and why do the networks say so?"
