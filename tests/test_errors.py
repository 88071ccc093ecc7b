import ast
from importlib import import_module
from inspect import getmembers, isclass
from pathlib import Path

import pytest

import maagn.errors

ROOT = Path(__file__).parents[1]
NAMED = {name for name, _ in getmembers(maagn.errors, isclass)}
MOVED = {
    "maagn.bench.page": "TableError",
    "maagn.data.registry": "RegistryError",
    "maagn.evaluate.results": "ResultsError",
    "maagn.evaluate.evaluations": "EvaluationError",
    "maagn.evaluate.slices": "SliceError",
    "maagn.faults": "DiskError",
    "maagn.notes.database": "NotesError",
    "maagn.evaluate.queries": "QueryError",
}


def test_every_named_error_is_in_errors():
    homes = {ROOT / "maagn" / "errors.py", ROOT / "app" / "errors.py"}
    files = {*(ROOT / "maagn").rglob("*.py"), *(ROOT / "app").rglob("*.py")} - homes
    elsewhere = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sorted(files)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and NAMED & {base.id for base in node.bases if isinstance(base, ast.Name)}
    ]
    assert elsewhere == []


@pytest.mark.parametrize("module", MOVED)
def test_an_error_is_still_found_where_it_used_to_be(module):
    name = MOVED[module]
    assert getattr(import_module(module), name) is getattr(maagn.errors, name)


def test_an_old_name_is_still_that_of_the_same_error():
    from maagn.faults import MemoryShortError

    assert MemoryShortError is maagn.errors.OutOfMemory
