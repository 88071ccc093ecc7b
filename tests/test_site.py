"""The documentation's site has every page, and what one loads from elsewhere is noticed."""

import re
from pathlib import Path

import pytest

from tests.site import main, remote

DOCS = Path(__file__).parents[1] / "docs"


def test_every_page_is_in_the_contents():
    """Else `make docs` refuses it, some minutes later."""
    pages = {path.relative_to(DOCS).with_suffix("").as_posix() for path in DOCS.rglob("*.md")}
    listed = {"index"}
    for index in (
        "index",
        "guides",
        "background",
        "tutorials/index",
        "api/index",
        "decisions/index",
    ):
        blocks = re.findall(
            r"```\{toctree\}\n(.*?)```", (DOCS / f"{index}.md").read_text(), re.DOTALL
        )
        lines = [line for block in blocks for line in block.split() if line[0] != ":"]
        for line in lines:
            found = (DOCS / index).parent.glob(f"{line}.md")
            listed |= {path.relative_to(DOCS).with_suffix("").as_posix() for path in found}
    assert pages - listed == set()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<script src="https://cdn.example/x.js"></script>', ["https://cdn.example/x.js"]),
        ("<link rel='stylesheet' href='//fonts.example/f.css'>", ["//fonts.example/f.css"]),
        ("<style>@import url('https://fonts.example/f.css')</style>", 1),
        ('<img alt="a" src="http://pictures.example/a.png">', ["http://pictures.example/a.png"]),
        ('<a href="https://doi.org/10.1">paper</a><img src="a.png">', []),
        ('<link rel="canonical" href="https://site.example/">', []),
        ('<img src="data:image/png;base64,https//">', []),
    ],
)
def test_what_a_page_loads_from_elsewhere_is_found(text, found):
    addresses = remote(text, style=False)
    assert len(addresses) == found if isinstance(found, int) else addresses == found


def test_a_site_without_outputs_is_refused(tmp_path, capsys):
    (tmp_path / "tutorials").mkdir()
    assert main(tmp_path) == 1
    (tmp_path / "tutorials" / "a.html").write_text("<p>nothing ran</p>")
    assert main(tmp_path) == 1
    assert "has no outputs" in capsys.readouterr().out
    (tmp_path / "tutorials" / "a.html").write_text("<table></table>")
    assert main(tmp_path) == 0
