"""Networks of one's own: registered by a call or by an installed package, and refused in words."""

import warnings
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest
import torch
from typer.testing import CliRunner

import maagn
from maagn import checkpoint
from maagn.checkpoint import load_card, load_model
from maagn.cli import app
from maagn.config import ModelSpec, TrainSpec, TransformSpec
from maagn.errors import CheckpointError, NetworkError
from maagn.figures.palette import colour
from maagn.nn import plugins
from maagn.nn.build import ARCHITECTURES, PRESETS, PublishedAs, architectures, build, is_known
from maagn.nn.macs import macs_of
from maagn.nn.plugins import BrokenPlugin
from maagn.nn.register import COLOURS, free_colour
from maagn.published.convert import convert
from maagn.published.likest import kinds
from maagn.train.state import changed, model_spec
from tests.own_kind import SPEC, Mine, register, stages_of
from tests.tiny import make_clip, save_tiny

pytestmark = pytest.mark.usefixtures("own_table")


def own(**changes: object) -> None:
    given = {"build": Mine, "stages": stages_of, "presets": {"mine-small": SPEC}} | changes
    maagn.register_network(given.pop("name", "mine"), given.pop("build"), side=32, **given)


def test_a_registered_network_is_one_of_those_that_there_are():
    register()
    assert build(PRESETS["mine-small"]).spec == SPEC
    assert list(ARCHITECTURES)[-1] == "mine"
    assert colour("My network") in COLOURS
    assert model_spec(TrainSpec("mine-small"), classes=3) == replace(SPEC, classes=3)


def test_its_checkpoint_is_explained_as_any_other(tmp_path):
    register()
    model = load_model(save_tiny(tmp_path / "one.safetensors", spec=replace(SPEC, classes=6)))
    report = maagn.explain(model, make_clip(), layer="backbone.res3")
    assert report.model.architecture.title == "My network"
    assert report.model.spec.option("bins") == 2
    assert report.cam.values.shape == (4, 8, 8)
    assert report.masks == report.gates == ()


def test_a_checkpoint_whose_kind_is_missing_says_what_to_import(tmp_path, monkeypatch):
    register()
    path = save_tiny(tmp_path / "one.safetensors", spec=replace(SPEC, classes=6))
    del ARCHITECTURES["mine"]
    with pytest.raises(CheckpointError, match="a network kind mine that is not registered here"):
        load_card(path)
    monkeypatch.setattr(checkpoint, "FOLDER", tmp_path)
    listed = CliRunner().invoke(app, ["models"], env={"COLUMNS": "200"})
    assert "one.safetensors was made by a network kind mine" in listed.output


class Looking(Mine):
    def forward_head(self, features):
        return super().forward_head(features) * min(1, features[5].square().sum().item())


def test_the_cost_of_a_network_that_looks_at_values_is_counted_too():
    own()
    look = replace(SPEC, arch="look")
    own(name="look", build=Looking, presets={"look-small": look})
    assert macs_of(look, side=32) == macs_of(SPEC, side=32) > 0


def test_an_option_is_changed_as_a_field_is():
    assert changed(SPEC, (("bins", "1"), ("width", "8"))) == replace(
        SPEC, width=8, options=(("bins", 1),)
    )


def test_options_are_kept_in_json_and_no_others_are_written():
    mixed = replace(SPEC, options=(("bins", 2), ("rate", 0.5), ("kind", "a"), ("deep", True)))
    assert ModelSpec.from_dict(mixed.as_dict()) == mixed
    assert "options" not in replace(SPEC, options=()).as_dict()
    with pytest.raises(ValueError, match="mine needs a value of its option depth"):
        SPEC.option("depth")


PUBLISHED = PublishedAs(
    "mine-1", "me", "mine-small", "backbone.res2", "classify.weight", TransformSpec()
)


def test_weights_that_others_published_for_it_are_brought(tmp_path):
    own(published=[PUBLISHED])
    assert kinds()[-1] == "mine-1"
    torch.save(build(SPEC).state_dict(), tmp_path / "weights.pth")
    brought = convert(tmp_path / "weights.pth")
    assert (brought.kind, brought.source, brought.spec) == ("mine-1", "me", SPEC)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "maagn"}, "needs a preset, a ModelSpec with arch='maagn'"),
        ({"name": "Mine!"}, "cannot be called 'Mine!'"),
        ({"presets": {}}, "needs a preset"),
        ({"presets": {"maagn-demo": SPEC}}, "a preset maagn-demo already"),
        ({"title": "R(2+1)d"}, r"called R\(2\+1\)d already"),
        ({"colour": "red"}, "red is no colour like #332288"),
        ({"colour": "#0072b2"}, "wears #0072b2 already"),
        ({"published": [replace(PUBLISHED, kind="r2plus1d-18")]}, "r2plus1d-18 is brought already"),
        ({"published": [replace(PUBLISHED, preset="tsn-demo")]}, "one of mine's own presets"),
        ({"backbone": ("stem.",)}, "no tensor whose name begins with stem"),
    ],
)
def test_what_cannot_be_registered_is_told_and_changes_nothing(changes, words):
    before = dict(ARCHITECTURES), dict(PRESETS)
    with pytest.raises(NetworkError, match=words):
        own(**changes)
    assert (dict(ARCHITECTURES), dict(PRESETS)) == before


def test_a_name_is_taken_once():
    own()
    with pytest.raises(NetworkError, match="a network kind mine already"):
        own(title="Another", presets={"mine-large": SPEC})
    assert "mine-large" not in PRESETS


def test_colours_are_given_until_none_differs():
    free = set(COLOURS) - {one.colour for one in ARCHITECTURES.values()}
    for number in range(len(free)):
        name = f"mine{number}"
        own(name=name, presets={f"{name}-small": replace(SPEC, arch=name)})
    worn = [one.colour for one in ARCHITECTURES.values()]
    assert len(set(worn)) == len(worn)
    with pytest.raises(NetworkError, match="give another colour"):
        own()
    assert free_colour() in COLOURS


@pytest.fixture
def offered(monkeypatch):
    """Entry points as installed packages give them: names and values."""

    def offer(**points: str) -> None:
        found = [EntryPoint(name, value, plugins.GROUP) for name, value in points.items()]
        monkeypatch.setattr(plugins, "entry_points", lambda **_: found)
        monkeypatch.setattr(plugins, "_failures", None)

    return offer


def test_an_installed_network_is_found_when_its_kind_is_asked_for(offered):
    offered(mine="tests.own_kind:register")
    assert build(PRESETS["tsn-demo"]) is not None
    assert "mine" not in ARCHITECTURES  # nobody has asked for it yet
    assert build(SPEC).spec == SPEC
    assert "mine" in architectures()


def test_an_installed_preset_is_trained(offered):
    offered(mine="tests.own_kind:register")
    assert model_spec(TrainSpec("mine-small"), classes=3).arch == "mine"


def test_a_broken_package_is_named_and_loses_no_other(offered, tmp_path):
    offered(broken="tests.no_such_module", mine="tests.own_kind:register")
    with pytest.warns(BrokenPlugin, match="plugin broken .tests.no_such_module. brings no network"):
        assert is_known("mine")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is said once
        assert not is_known("yours")
    path = save_tiny(tmp_path / "one.safetensors", spec=replace(SPEC, classes=6))
    del ARCHITECTURES["mine"]
    with pytest.raises(CheckpointError, match="The plugin broken"):
        load_card(path)
