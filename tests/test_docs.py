"""What the documents name exists: files, modules, tests, links, commands with their options."""

import ast
import json
import re
import shlex
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from maagn.cli import app
from maagn.explain.cam import weighting_of
from maagn.nn.plugins import GROUP

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
        *(ROOT / "checkpoints").glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
    )
)
_PATH = re.compile(r"(?<![\w./-])((?:maagn|app|pages|tests|docs|checkpoints)/[\w./-]*\w)")
_NAME = re.compile(r"(?<![\w./-])((?:maagn|app|tests)(?:\.[A-Za-z_]\w*)+)(?![\w/-])")
_TEST = re.compile(r"`(?:[\w/]+/)?(test_\w+\.py)`?")
_LINK = re.compile(r"\]\(([^)#\s]+)?(?:#([\w-]+))?\)")
_BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(maagn [^`]+)`")
_MAKE = re.compile(r"(?:`|^)make ([a-z]+)", re.MULTILINE)
_WRITTEN = re.compile(r"checkpoints/(?!.*-demo)[\w-]+\.safetensors")  # by a command, not shipped


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def commands_of(document: str) -> list[str]:
    """Every call of `maagn` in a document, without its comment."""
    text = text_of(document)
    lines = [line for block in _BLOCK.findall(text) for line in block.splitlines()]
    calls = [line.split("  #")[0].split(" > ")[0] for line in [*lines, *_INLINE.findall(text)]]
    return [line for line in calls if line.startswith("maagn ")]


def missing_command(call: str) -> str | None:
    """What of a call there is not: a command or an option; None where all is there."""
    command = typer.main.get_command(app)
    words = shlex.split(call)[1:]
    for word in words:
        commands = getattr(command, "commands", {})
        if word not in commands:
            if commands and word.islower() and not word.startswith("-"):
                return f"{command.name} has no command {word}"
            break
        command = commands[word]
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    asked = [word.partition("=")[0] for word in words if word.startswith("--")]
    unknown = [name for name in asked if name not in known | {"--help"}]
    return f"{command.name} has no {unknown[0]}" if unknown else None


@cache
def anchors(path: Path) -> frozenset[str]:
    """The anchors that GitHub gives a page's headings."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", heading.lower()) for heading in headings)
    return frozenset(heading.strip().replace(" ", "-") for heading in plain)


def names_in(path: Path) -> set[str]:
    """What a module defines or imports at its top."""
    names: set[str] = set()
    nodes = list(ast.parse(path.read_text(encoding="utf-8")).body)
    for node in nodes:
        match node:
            case ast.If(body=body):  # imports for types alone
                nodes.extend(body)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names.update(target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update(alias.asname or alias.name for alias in aliases)
    return names


def exists(name: str) -> bool:
    """Whether a dotted name is a module of ours, or something that one defines."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:count])
        module = place.with_suffix(".py") if count > 1 else place / "__init__.py"
        module = module if module.is_file() else place / "__init__.py"
        rest = parts[count:]
        if module.is_file():
            return not rest or (len(rest) == 1 and rest[0] in names_in(module))
        if place.is_dir() and not rest:
            return True
    return False


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_names_exists(document):
    named = {path for path in _PATH.findall(text_of(document)) if not _WRITTEN.fullmatch(path)}
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_module_that_a_document_names_exists(document):
    named = {name for name in _NAME.findall(text_of(document)) if not name.endswith(".py")}
    assert [name for name in sorted(named - {GROUP}) if not exists(name)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_file_that_a_document_names_exists(document):
    there = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert sorted(set(_TEST.findall(text_of(document))) - there) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_of_a_document_leads_somewhere(document):
    here = ROOT / document
    for target, anchor in _LINK.findall(text_of(document)):
        if target.startswith("http"):
            continue
        path = here.parent / target if target else here
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), f"{target}#{anchor}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_of_a_document_has_its_options(document):
    missing = {call: missing_command(call) for call in commands_of(document)}
    assert {call: what for call, what in missing.items() if what} == {}


def test_a_command_or_an_option_that_is_not_there_is_noticed():
    assert missing_command("maagn explain CLIP --target X --cam hirescam --out DIR") is None
    assert missing_command("maagn explain CLIP --banana") == "explain has no --banana"
    assert missing_command("maagn evaluate --banana 3") == "evaluate has no --banana"
    assert missing_command("maagn data banana FOLDER") == "data has no command banana"
    assert not exists("maagn.banana.split")
    assert not exists("maagn.types.Banana")
    assert exists("maagn.types.Clip")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_target_of_make_that_a_document_names_exists(document):
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    assert set(_MAKE.findall(text_of(document))) <= targets


def test_the_gallery_of_the_readme_is_the_gallery():
    right = json.loads((ROOT / "app" / "gallery" / "right.json").read_text(encoding="utf-8"))
    counts = Counter(name for names in right.values() for name in names)
    words = " ".join(text_of("README.md").split())
    assert (
        f"Of the {len(right)} clips of the gallery, MAAGN classifies {counts['MAAGN']} correctly, "
        f"TPN {counts['TPN']}, TSM {counts['TSM']} and TSN {counts['TSN']}." in words
    )


@pytest.mark.parametrize("document", ["README.md", "checkpoints/README.md"])
def test_the_table_of_networks_is_that_of_the_stored_results(document, tmp_path):
    """Else `make tables` has not been run since the networks, or what was measured, are others."""
    page = tmp_path / "page.md"
    page.write_text(re.sub(r"(?m)^\| \w+-demo \|.*\n", "", text_of(document)), encoding="utf-8")
    assert page.read_text(encoding="utf-8") != text_of(document)
    done = CliRunner().invoke(app, ["models", "--page", str(page)])
    assert done.exit_code == 0, done.output
    assert page.read_text(encoding="utf-8") == text_of(document)


def test_the_table_of_kinds_of_network_is_that_of_the_code(tmp_path):
    page = tmp_path / "page.md"
    text = text_of("docs/networks.md")
    page.write_text(re.sub(r"(?m)^\| .*`\w+` \|.*\n", "", text), encoding="utf-8")
    assert page.read_text(encoding="utf-8") != text
    done = CliRunner().invoke(app, ["networks", "--page", str(page)])
    assert done.exit_code == 0, done.output
    assert page.read_text(encoding="utf-8") == text


@pytest.mark.usefixtures("own_table")
def test_the_lines_that_adapt_a_module_run(monkeypatch, capsys):
    text = text_of("docs/networks.md").partition("## Adapt a module")[2]
    lines = text.partition("```python\n")[2].partition("```")[0]
    assert len([line for line in lines.splitlines() if line]) == 10
    monkeypatch.chdir(ROOT)
    weighting_of("hirescam")  # after it torchvision loads beside any build of torch
    exec(lines, {})
    assert "(4, 14, 14)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("way", "most"), [("A clip, from upload to pixels", 45), ("A mask value, from forward", 12)]
)
def test_the_ways_through_the_code_are_short(way, most):
    text = text_of("docs/architecture.md")
    section = text.partition(f"## {way}")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \| `([^`]+)`", section, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    assert len({path for _, path in rows}) == len(rows)
    assert 5 < len(rows) <= most
