import importlib.util
import shutil
from pathlib import Path

import pytest

from maagn import folders

VARIABLES = {
    "MAAGN_RUNS": ("RUNS", "runs"),
    "MAAGN_EVALUATIONS": ("EVALUATIONS", "runs/evaluations"),
    "MAAGN_DATASETS": ("DATASETS", "runs/datasets"),
    "MAAGN_TAUGHT": ("TAUGHT", "runs/taught"),
}


@pytest.fixture
def read(tmp_path, monkeypatch):
    """The module as it is read at another place, with this environment alone."""
    for variable in (*VARIABLES, "MAAGN_CHECKPOINTS"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def read_there(*, installed: bool, **environment):
        for variable, value in environment.items():
            monkeypatch.setenv(variable, str(value))
        place = tmp_path / "place" / "maagn" / "folders.py"
        place.parent.mkdir(parents=True)
        if installed:
            (tmp_path / "place" / "maagn_explorer").mkdir()
        shutil.copy(folders.__file__, place)
        spec = importlib.util.spec_from_file_location("folders_elsewhere", place)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return read_there


def test_in_a_clone_all_lies_in_the_clone(read, tmp_path):
    there, root = read(installed=False), tmp_path / "place"
    assert root == there.SHIPPED
    assert (root / "checkpoints",) == there.NETWORKS
    for name, path in VARIABLES.values():
        assert getattr(there, name) == root / path
    assert there.START == "make app"


def test_installed_nothing_that_people_make_lies_among_the_packages(read, tmp_path):
    there, data = read(installed=True), tmp_path / "data" / "maagn"
    shipped = tmp_path / "place" / "maagn_explorer"
    assert shipped == there.SHIPPED
    assert (data / "checkpoints", shipped / "checkpoints") == there.NETWORKS
    for name, path in VARIABLES.values():
        assert getattr(there, name) == data / path
    assert there.START == "maagn app"


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("installed", [False, True])
def test_a_variable_names_another_place(read, tmp_path, variable, installed):
    there = read(installed=installed, **{variable: tmp_path / "named"})
    assert getattr(there, VARIABLES[variable][0]) == tmp_path / "named"


@pytest.mark.parametrize("installed", [False, True])
def test_a_named_folder_of_networks_is_the_only_one(read, tmp_path, installed):
    there = read(installed=installed, MAAGN_CHECKPOINTS=tmp_path / "named")
    assert (tmp_path / "named",) == there.NETWORKS


def test_an_empty_variable_names_nothing(read, tmp_path):
    there = read(installed=True, MAAGN_RUNS="", MAAGN_CHECKPOINTS="")
    assert tmp_path / "data" / "maagn" / "runs" == there.RUNS
    assert len(there.NETWORKS) == 2


def test_without_a_data_folder_it_is_the_usual_one(monkeypatch):
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/anna")
    assert folders.data_folder() == Path("/home/anna/.local/share/maagn")
