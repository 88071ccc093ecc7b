import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from maagn.cli import app
from maagn.config import RECIPES
from maagn.train import loop
from maagn.train.provenance import command


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_command_asks_for_the_same_run(recipe, monkeypatch):
    spec = replace(
        RECIPES[recipe],
        changes=(("fusion", "sum"), ("levels", "4,5")),
        start="a b",
        ema=0.9,
        opposites="my pairs.csv",
        mirrored="sides.csv",
        idle=True,
        freeze="backbone",
        compile=True,
        data="my clips",
        validation="others",
        hold_out=4,
        layout="frame-list",
        names="names.txt",
        root="clips",
        pictures="img_{:05d}.jpg",
        columns="path class",
        classes_from=1,
    )
    asked = []
    monkeypatch.setattr(loop, "train", lambda spec, **_: asked.append(spec))
    words = shlex.split(command(spec, out=Path("folder/a.safetensors")))
    assert words[0] == "maagn"
    done = CliRunner().invoke(app, words[1:])
    assert done.exit_code == 0, done.output
    assert asked == [spec]


def test_the_papers_recipe_is_the_papers():
    spec = RECIPES["paper-something"]
    assert (spec.optimiser, spec.learning_rate, spec.momentum) == ("sgd", 0.01, 0.9)
    assert (spec.weight_decay, spec.batch, spec.epochs) == (1e-4, 32, 150)
    assert (spec.short_side, spec.crop, spec.flip) == ((256, 320), 224, True)
    assert (spec.colour, spec.reversal, spec.ema) == (0.0, False, 0.0)
