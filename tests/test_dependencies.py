"""Whoever installs the package gets what it imports, and nothing more."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
OURS = {"maagn", "app", "pages"}
EXTRAS = {"transformers", "postgres"}  # what people may add; the others are for development
BY_OTHERS = {"tensorboard"}  # torch.utils.tensorboard imports it


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=~!; ]", name)[0]).lower()


def declared() -> tuple[set[str], set[str]]:
    """What everybody gets, and what people may add."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    more = [line for name in EXTRAS for line in project["optional-dependencies"][name]]
    return {normal(line) for line in project["dependencies"]}, {normal(line) for line in more}


def imported() -> set[str]:
    """Top names of other people's packages, wherever in a module they are imported."""
    found: set[str] = set()
    for path in (path for name in OURS for path in (ROOT / name).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Import(names=names):
                    found |= {alias.name.partition(".")[0] for alias in names}
                case ast.ImportFrom(module=str(module), level=0):
                    found.add(module.partition(".")[0])
    return found - OURS - set(sys.stdlib_module_names)


def test_what_is_imported_is_declared_and_the_other_way_round():
    providers, (required, optional) = packages_distributions(), declared()
    by_name = {name: {normal(one) for one in providers[name]} for name in imported()}
    known = required | optional
    assert {name: found for name, found in by_name.items() if not found & known} == {}
    assert required - set().union(*by_name.values()) == BY_OTHERS
