import itertools

import numpy as np
import pytest

from maagn.opposites.cast import Cast
from maagn.opposites.props import KINDS, PALETTE, Prop, draw_colour
from maagn.opposites.shapes import VARIANTS, shape


def _outward_share(kind, variant):
    """Share of a convex shape's facets that look away from its middle."""
    facets = shape(f"{kind}.{variant}", segments=14).facets
    normals = np.cross(facets[:, 2] - facets[:, 0], facets[:, 3] - facets[:, 1])
    return ((normals * (facets.mean(axis=1) - [0, 0.5, 0])).sum(axis=1) >= -1e-9).mean()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("variant", range(VARIANTS))
def test_every_kind_has_four_variants_near_the_unit_box(kind, variant):
    made = shape(f"{kind}.{variant}", segments=14)
    assert np.isfinite(made.facets).all()
    assert len(made.facets) == len(made.swatches) <= 320
    assert made.facets[..., 1].min() >= -0.05
    assert made.facets[..., 1].max() <= 1.05
    assert np.abs(made.facets[..., [0, 2]]).max() <= 0.8


@pytest.mark.parametrize("kind", ["box", "ball", "egg", "lemon", "cube", "remote"])
def test_facets_of_convex_shapes_look_outwards(kind):
    assert _outward_share(kind, 0) == 1


def test_variants_of_a_kind_differ():
    for kind, (a, b) in itertools.product(KINDS, itertools.combinations(range(VARIANTS), 2)):
        if kind in ("lemon", "pot", "duck", "brush"):
            continue  # these come in one or two outlines
        one, other = shape(f"{kind}.{a}"), shape(f"{kind}.{b}")
        same = one.facets.shape == other.facets.shape and np.array_equal(one.facets, other.facets)
        assert not (same and np.array_equal(one.swatches, other.swatches)), (kind, a, b)


@pytest.mark.parametrize("name", ["unicorn", "mug.4", "mug.-1"])
def test_an_unknown_shape_is_refused(name):
    with pytest.raises((KeyError, ValueError)):
        shape(name)


def test_two_splits_share_no_thing():
    names = {
        split: {Cast(split, np.random.default_rng(i)).prop().name for i in range(300)}
        for split in ("train", "val", "test")
    }
    assert all(len(name) > 100 for name in names.values())
    for one, other in itertools.combinations(names.values(), 2):
        assert not one & other


def test_an_identity_is_the_same_thing_each_time_and_never_of_one_colour():
    for kind in KINDS:
        one, other = (Prop.draw(np.random.default_rng(3), kind, "it") for _ in range(2))
        assert one == other
        assert 0 <= one.variant < VARIANTS
        assert one.colours[0] != one.colours[1]
        assert one.colour in PALETTE


def test_a_colour_is_drawn_from_those_named():
    names = {draw_colour(np.random.default_rng(i), ("red", "teal"))[0] for i in range(30)}
    assert names == {"red", "teal"}


def test_fit_shrinks_and_never_grows():
    thing = Prop("it", "box", (0.8, 0.4, 0.2), "red", ((0.0,) * 3, (9.0,) * 3), 0.0)
    assert thing.fit(0.4, 1.0).size == pytest.approx((0.4, 0.2, 0.1))
    assert thing.fit(2.0, 2.0).size == thing.size
    # An arm from below reaches half the depth here, not half the width.
    assert thing.rise == pytest.approx(0.18)
