from importlib.resources import files

import numpy as np
import pytest

from maagn.opposites.action import Held
from maagn.opposites.camera import Camera
from maagn.opposites.cast import Cast
from maagn.opposites.covering import Bury, Cover, Hide
from maagn.opposites.moving import PutInto
from maagn.opposites.opening import Fold, Open
from maagn.opposites.paint import Sheet, Solid
from maagn.opposites.plug import Plug
from maagn.opposites.shapes import shape

ACTIONS = (Fold, Plug, Bury, Hide, Cover, PutInto, Open)


def _draw(action, split, seed):
    return action.draw(Cast(split, np.random.default_rng(seed)))


def _numbers(elements):
    """Every coordinate and colour of a staged scene, as one row."""
    rows = []
    for element in elements:
        solids = element.solids if isinstance(element, Held) else (element,)
        if isinstance(element, Held):
            rows += [*element.grip.at, element.grip.reach, element.grip.radius, element.grip.rise]
        for solid in solids:
            if isinstance(solid, Sheet):
                rows += [*solid.facets.ravel(), *solid.colours.ravel()]
            else:
                assert isinstance(solid, Solid)
                assert len(shape(solid.name).facets) > 0
                assert min(solid.size) > 0
                rows += [*solid.at, *solid.size, solid.yaw, solid.tilt]
    return np.array(rows)


@pytest.mark.parametrize("action", ACTIONS)
def test_names_are_of_the_label_set(action):
    text = (files("maagn") / "label_sets" / "something_something_v2.txt").read_text("utf-8")
    assert {action.forward, action.backward} <= set(text.splitlines())


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_every_scene_can_be_staged_at_any_progress(action, split):
    for seed in range(20):
        scene = _draw(action, split, seed)
        assert scene == _draw(action, split, seed)
        for p in (0.0, 0.25, 0.5, 0.75, 1.0):
            numbers = _numbers(scene.stage(p))
            assert np.isfinite(numbers).all()
            np.testing.assert_array_equal(numbers, _numbers(scene.stage(p)))


@pytest.mark.parametrize("action", ACTIONS)
def test_a_hand_moves_a_way_that_is_seen(action):
    for seed in range(20):
        scene = _draw(action, "train", seed)
        grips = [
            element.grip
            for p in np.linspace(0, 1, 21)
            for element in scene.stage(float(p))
            if isinstance(element, Held)
        ]
        places = np.array([grip.at for grip in grips if grip.reach > 0.9])
        assert np.ptp(places, axis=0).max() > 0.3
        assert min(grip.reach for grip in grips) < 0.02


def test_a_thing_ends_where_the_lens_cannot_see_it():
    camera = Camera.draw(np.random.default_rng(0))
    for seed in range(20):
        scene = _draw(Hide, "train", seed)
        middle = np.array(scene.thing.middle(scene.behind))[None]
        x, y = camera.project(middle)[0]
        wide, tall, _ = scene.screen.size
        left, right = (scene.at[0] + sign * wide / 2 for sign in (-1, 1))
        corners = camera.project(np.array([[left, tall, scene.at[2]], [right, 0, scene.at[2]]]))
        assert corners[0, 0] < x < corners[1, 0]
        assert corners[0, 1] < y < corners[1, 1]


def test_a_buried_thing_lies_under_the_filling():
    for seed in range(20):
        scene = _draw(Bury, "train", seed)
        thing = next(
            e for e in scene.stage(1.0) if isinstance(e, Solid) and not e.name.startswith("crate")
        )
        filling = np.concatenate([e.facets for e in scene.stage(1.0) if isinstance(e, Sheet)])
        over = np.hypot(filling[..., 0] - thing.at[0], filling[..., 2] - thing.at[2]) < 0.06
        assert filling[over][:, 1].max() > thing.at[1] + thing.size[1]


def test_the_plug_ends_at_its_socket_and_its_prongs_are_gone():
    for seed in range(20):
        scene = _draw(Plug, "train", seed)
        pins = [e for e in scene.stage(1.0) if isinstance(e, Solid) and min(e.size) < 0.02]
        assert pins
        before = [e for e in scene.stage(0.0) if isinstance(e, Solid) and min(e.size) < 0.02]
        assert not before


def test_a_folded_cloth_covers_less_of_the_table():
    for seed in range(20):
        scene = _draw(Fold, "train", seed)
        spans = []
        for p in (0.0, 1.0):
            sheets = [e for e in scene.stage(p) if isinstance(e, Sheet)]
            along = np.array([np.cos(scene.turn), 0.0, np.sin(scene.turn)])
            spans.append(np.ptp(np.concatenate([s.facets for s in sheets]) @ along))
        assert spans[1] < 0.75 * spans[0]
