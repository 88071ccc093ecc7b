import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from app import player_prints
from app.components.player import Overlay, PlayerView, Series, TimeChart
from app.facts import Facts
from maagn.figures.layout import WIDTHS
from maagn.figures.printing import TEXT, TITLE
from tests.figures.test_printed import texts

LONG = "Trying but failing to attach something to something because it doesn't stick"
SECONDS = np.arange(8) / 4
MAPS = np.linspace(0, 1, 8 * 5 * 5, dtype=np.float32).reshape(8, 5, 5)


def view() -> PlayerView:
    bars = Series("SDM", "SDM", SECONDS, SECONDS / 2, "bars", band=(SECONDS / 4, SECONDS / 2))
    lines = tuple(Series(f"angle {i}", "MTAM", SECONDS, SECONDS) for i in range(4))
    return PlayerView(
        title="a clip with quite a long name of its own, as cameras give them.mp4",
        seconds=SECONDS,
        positions=np.arange(8),
        duration=2.0,
        frames=np.full((8, 40, 60, 3), 90, np.uint8),
        overlays=(
            Overlay("MAAGN", "MAAGN", f"gives 61 % to {LONG}", MAPS, SECONDS, 1.0),
            Overlay("TSN", "TSN", f"gives 2.0 % to {LONG}", MAPS, SECONDS, 2.0),
        ),
        charts=tuple(
            TimeChart(title, "weight, 0 to 3", 0, 3, series, group)
            for group in ("Path res3, every frame", "Path res4, every 2nd frame")
            for title, series in (("SDM mask", (bars,)), ("MTAM masks", lines))
        ),
        facts=Facts(clip="a.mp4", truth=LONG, explained=LONG, method="hirescam", layer="res4"),
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("draw", [player_prints.filmstrip, player_prints.charts])
def test_they_are_whole_in_letters_of_print_size(draw, width):
    svg = draw(view(), width=width, kind="svg")
    root = ET.fromstring(svg)
    sides = [
        float(root.attrib[side].removesuffix("pt")) * 25.4 / 72 for side in ("width", "height")
    ]
    assert sides[0] == pytest.approx(WIDTHS[width], abs=0.1)
    assert sides[1] < 270  # fits a page
    found = texts(svg)
    assert {size for _, size, _ in found} <= {TEXT, TITLE}
    assert [words for words, _, inside in found if not inside] == []
    said = "".join("".join(words.split()) for words, _, _ in found)
    whole = [view().title]
    if draw is player_prints.filmstrip:
        whole += [LONG, "0.25 s", "1.75 s", "True class", "0 to 1", "0 to 2", "hirescam at res4"]
    else:
        whole += ["Path res4, every 2nd frame", "MTAM masks, weight, 0 to 3", "angle 3", "seconds"]
    assert [one for one in whole if "".join(one.split()) not in said] == []


def test_a_filmstrip_has_the_frames_and_the_maps_over_them():
    png = player_prints.filmstrip(view(), width="two columns", kind="png")
    with Image.open(io.BytesIO(png)) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    plain = (np.abs(pixels - 90).max(axis=2) <= 1).mean(axis=1)
    assert plain.max() > 0.9  # a row of eight frames without a map


def test_a_clip_without_maps_is_frames_alone():
    bare = PlayerView("a", SECONDS, np.arange(8), 2.0, np.full((8, 40, 60, 3), 90, np.uint8))
    assert player_prints.filmstrip(bare, width="one column", kind="pdf").startswith(b"%PDF")
    assert bare.rows() is None


def test_rows_and_arrays_are_what_is_drawn():
    rows = view().rows()
    assert len(rows) == 2 * (8 + 4 * 8)
    arrays = view().arrays()
    assert arrays["TSN.maps"].shape == (8, 5, 5)
    assert arrays["Path res3, every frame.SDM mask.SDM"].tolist() == (SECONDS / 2).tolist()
