"""The map of clips: small to send, and its points can be told apart."""

import json

import numpy as np

from maagn.figures.neighbours import FIRST, Layer, clip_map

EXPLAINED = np.array([0.4, 0.2, 0.1])


def plane_of(n: int):
    return np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32)


def test_each_point_is_found_again_by_its_layer_and_its_place_there():
    plane, rows = plane_of(6), np.array([4, 1])
    others = Layer("others", np.array([0, 2, 3, 5]))
    fig = clip_map(
        plane,
        [others, Layer("<b>mine</b>", rows, FIRST, "diamond-open", 5)],
        explained=EXPLAINED,
        numbers=np.arange(6) + 100,
        texts=[f"clip {i}" for i in range(6)],
    )
    assert [trace.type for trace in fig.data] == ["scattergl"] * 2
    assert np.array_equal(np.column_stack([fig.data[1].x, fig.data[1].y]), plane[rows])
    assert list(fig.data[1].text) == ["clip 4", "clip 1"]
    assert fig.data[1].name == "&lt;b&gt;mine&lt;/b&gt;"
    assert fig.data[1].marker.symbol == "diamond-open"
    assert fig.data[1].marker.size - fig.data[0].marker.size == 5
    assert fig.layout.xaxis.title.text == "first principal component, 40 %"


def test_a_number_of_each_clip_has_a_scale():
    values = np.array([1, 2, 3], np.float32)
    layer = Layer("speed", np.arange(3), values=values)
    (trace,) = clip_map(plane_of(3), [layer], explained=EXPLAINED, numbers=np.arange(3)).data
    assert np.array_equal(trace.marker.color, values)
    assert trace.marker.colorbar.title.text == "speed"


def test_features_of_no_variance_are_drawn_and_said():
    fig = clip_map(
        np.zeros((4, 2), np.float32),
        [Layer("all", np.arange(4))],
        explained=np.zeros(0),
        numbers=np.arange(4),
    )
    assert fig.layout.yaxis.title.text == "second principal component, no variance"


def test_50_000_points_take_less_than_a_megabyte():
    n = 50_000
    layers = [Layer("others", np.arange(n - 9)), Layer("mine", np.arange(n - 9, n), FIRST)]
    fig = clip_map(plane_of(n), layers, explained=EXPLAINED, numbers=np.arange(n))
    sent = fig.to_json()
    assert len(sent) < 1_000_000
    assert json.loads(sent)["data"][0]["x"]["dtype"] == "f4"
