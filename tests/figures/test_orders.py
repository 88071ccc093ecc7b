import numpy as np
import pandas as pd

from maagn.figures.orders import BothWays, Line, both_ways, reordered_strip, shuffle_curves

RED, BLUE = "#D55E00", "#0072B2"


def test_a_disc_forwards_and_a_ring_backwards_for_each_class():
    fig = both_ways(
        [BothWays("TSM, 10 nats", RED, (0.9, 0.1), (0.05, 0.8))], label="Open <b>", other="Close"
    )
    assert [list(trace.x) for trace in fig.data] == [[0.9, 0.1], [0.05, 0.8]]
    assert fig.data[0].marker.color == (RED, "rgba(0,0,0,0)")
    assert [one.text for one in fig.layout.annotations] == [
        "<b>Open &lt;b&gt;</b>",
        "<b>Close</b>",
    ]


def test_the_ring_of_a_curve_is_where_it_breaks():
    rows = pd.DataFrame(
        {"strength": [0, 0.5, 1], "kept": [1, 0.25, 0], "low": [1, 0.1, 0], "high": [1, 0.5, 0],
         "trials": [1, 8, 1], "breaks": [False, True, False]}
    )  # fmt: skip
    area, line = shuffle_curves([Line("TSM", RED, rows)]).data
    assert list(line.marker.size) == [7, 15, 7]
    assert list(area.x) == [0, 0.5, 1, 1, 0.5, 0]
    assert list(area.y) == [1, 0.5, 0, 0, 0.1, 1]


def test_frames_stand_in_their_order_and_those_that_moved_are_outlined():
    shades = np.arange(10, 90, 10, dtype=np.uint8)
    pictures = np.broadcast_to(shades[:, None, None, None], (8, 20, 20, 3)).copy()
    order = (0, 4, 2, 3, 1, 5, 6, 7)
    strip = reordered_strip(pictures, order, seconds=np.arange(8) / 2, colour=BLUE)
    cell = 166
    assert [int(strip[80, 80 + cell * place, 0]) for place in range(8)] == [
        10 + 10 * frame for frame in order
    ]
    edges = [tuple(strip[80, 2 + cell * place]) for place in range(8)]
    blue = (0x00, 0x72, 0xB2)
    assert [edge == blue for edge in edges] == [frame != place for place, frame in enumerate(order)]


def test_a_long_clip_has_rows():
    pictures = np.zeros((20, 16, 16, 3), np.uint8)
    strip = reordered_strip(pictures, range(20), seconds=np.arange(20.0), colour=BLUE)
    assert strip.shape == (3 * (160 + 26), 8 * 166 - 6, 3)
