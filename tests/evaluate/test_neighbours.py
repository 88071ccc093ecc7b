"""Principal components and neighbours, against slow and plain ones, and worked out by hand."""

import numpy as np
import pytest

from maagn.evaluate.neighbours import (
    among_opposite,
    nearest,
    opposite_share,
    reduce_features,
)


def drawn(n: int, width: int, *, seed: int = 0):
    rng = np.random.default_rng(seed)
    mixed = rng.normal(size=(n, width)) * np.geomspace(5, 0.1, width)
    return (mixed @ rng.normal(size=(width, width)) + rng.normal(size=width)).astype(np.float32)


def by_svd(features, components):
    exact = features.astype(np.float64)
    standard = (exact - exact.mean(axis=0)) / exact.std(axis=0)
    u, s, v = np.linalg.svd(standard, full_matrices=False)
    signs = np.sign(v[np.arange(len(v)), np.abs(v).argmax(axis=1)])
    return (u * s * signs)[:, :components], (s**2 / (s**2).sum())[:components]


@pytest.mark.parametrize(("n", "width"), [(5000, 40), (3000, 200), (40, 300)])
def test_components_are_those_of_the_whole_matrix_in_double_precision(n, width):
    features = drawn(n, width)
    reduced = reduce_features(features, 8)
    vectors, explained = by_svd(features, 8)
    assert np.abs(reduced.vectors - vectors).max() < 2e-3 * np.abs(vectors).max()
    assert reduced.explained == pytest.approx(explained, rel=1e-4)
    assert np.array_equal(reduced.plane, reduced.vectors[:, :2])


def test_half_precision_is_read_as_it_is_and_equal_features_give_equal_signs():
    features = drawn(500, 30).astype(np.float16)
    assert np.array_equal(
        reduce_features(features).vectors, reduce_features(features.astype(np.float32)).vectors
    )
    assert np.array_equal(reduce_features(features).vectors, reduce_features(features).vectors)


@pytest.mark.parametrize("n", [1, 2, 50])
def test_equal_features_are_all_at_one_place(n):
    reduced = reduce_features(np.full((n, 12), 3.25, np.float32))
    assert reduced.vectors.shape == (n, 0)
    assert not reduced.plane.any()
    near = nearest(reduced.vectors)
    assert near.rows.shape == (n, min(10, n - 1))
    assert not near.distances.any()
    assert not (near.rows == np.arange(n)[:, None]).any()


def test_a_constant_feature_and_one_of_another_size_change_nothing():
    features = drawn(300, 20)
    other = np.column_stack([features * 1000, np.full(300, 7.0, np.float32)])
    plain, changed = reduce_features(features, 5), reduce_features(other, 5)
    assert np.abs(plain.vectors - changed.vectors).max() < 1e-2
    assert plain.explained == pytest.approx(changed.explained, rel=1e-4)


@pytest.mark.parametrize("n", [11, 700, 3001])
def test_neighbours_are_those_of_all_distances(n):
    vectors = drawn(n, 6)
    far = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    np.fill_diagonal(far, np.inf)
    near = nearest(vectors)
    assert near.rows.shape == (n, 10)
    assert np.allclose(near.distances, np.sort(far, axis=1)[:, :10], atol=1e-3)
    assert np.allclose(np.take_along_axis(far, near.rows, axis=1), near.distances, atol=1e-3)
    some = np.array([n - 1, 3])
    assert np.array_equal(nearest(vectors, some).rows, near.rows[some])


def test_the_same_clip_twice_is_its_own_nearest_neighbour():
    vectors = drawn(200, 6)
    vectors[17] = vectors[150]
    near = nearest(vectors, np.array([17]))
    assert near.rows[0, 0] == 150
    assert near.distances[0, 0] == 0


def two_clouds():
    """100 clips of class 0 on the left, 100 of class 1 on the right; clip 7 among the others."""
    rng = np.random.default_rng(1)
    truth = np.repeat([0, 1], 100)
    vectors = rng.normal(size=(200, 5)).astype(np.float32)
    vectors[:, 0] += 20 * truth
    vectors[7, 0] += 20
    return vectors, truth


def test_a_clip_among_its_opposites_is_marked_and_no_other():
    vectors, truth = two_clouds()
    share = opposite_share(nearest(vectors), truth, np.array([1, 0]))
    assert np.flatnonzero(among_opposite(share)).tolist() == [7]
    assert share[7] == 1
    rows = np.array([7, 150])
    assert np.array_equal(
        opposite_share(nearest(vectors, rows), truth, np.array([1, 0]), rows), share[rows]
    )


def test_a_class_without_an_opposite_is_never_marked():
    vectors, truth = two_clouds()
    for opposites in ([-1, -1], [-1, 2, 1], [2, -1, 0]):
        share = opposite_share(nearest(vectors), truth, np.array(opposites))
        assert not among_opposite(share).any()


def test_half_of_the_neighbours_is_not_most_of_them():
    truth = np.array([0, 0, 1])
    vectors = np.array([[0.0], [1.0], [1.5]], np.float32)
    share = opposite_share(nearest(vectors), truth, np.array([1, 0]))
    assert share.tolist() == [0.5, 0.5, 1.0]
    assert among_opposite(share).tolist() == [False, False, True]
