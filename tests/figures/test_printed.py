"""Every chart as it is printed: sizes in millimetres, letters in points, names whole."""

import ast
import base64
import io
import re
import time
import xml.etree.ElementTree as ET
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from PIL import Image

from maagn.explain.attention import MTAM
from maagn.figures import (
    channels,
    clips,
    comparison,
    gates,
    left_out,
    masks,
    mistakes,
    neighbours,
    timeline,
)
from maagn.figures.layout import WIDTHS
from maagn.figures.pair_colours import looks_of
from maagn.figures.printed import SHAPES, TRACES, print_chart, spoken
from maagn.figures.printing import DPI, TEXT, TITLE, text_width, wrapped
from maagn.labels import ClassRelations, something_something_v2
from maagn.opposites.clip import OPPOSITES_LABELS
from maagn.section import Section

ROOT = Path(__file__).parents[2]
RNG = np.random.default_rng(0)
LONG = "Trying but failing to attach something to something because it doesn't stick"
LABELS = (*OPPOSITES_LABELS[:9], LONG)
TITLE_WORDS = (
    "Where MAAGN gains over TSM on the clips of the test split (n = 20 a class), in points"
)
COLOURS = ("#0072B2", "#D55E00")


def gains() -> pd.DataFrame:
    gain = np.linspace(0.4, -0.3, len(LABELS))
    return pd.DataFrame(
        {"classes": list(LABELS), "clips": 20, "first": 0.5 + gain / 2, "second": 0.5 - gain / 2,
         "gain": gain, "gain_low": gain - 0.1, "gain_high": gain + 0.1}
    )  # fmt: skip


def bins() -> pd.DataFrame:
    share = np.linspace(0.1, 0.9, 5)
    return pd.DataFrame(
        {"confidence": share, "right": share, "low": share - 0.1, "high": share + 0.1, "clips": 9}
    )


def bands() -> go.Figure:
    rows = [
        timeline.Band(
            name, np.arange(11.0), LABELS, RNG.random(10), tuple((one,) for one in LABELS)
        )
        for name in ("MAAGN", "TSM")
    ]
    looks = looks_of(LABELS, ClassRelations.of(LABELS))
    red = io.BytesIO()
    Image.new("RGB", (32, 18), (255, 0, 0)).save(red, "PNG")
    strip = [f"data:image/png;base64,{base64.b64encode(red.getvalue()).decode()}"] * 4
    return timeline.bands(
        rows, looks, seconds=10.0, cuts=(4.0,), section=Section(2.0, 4.5), pictures=strip
    )


def charts() -> dict[str, go.Figure]:
    named = {"first": "MAAGN", "second": "TSM", "colours": COLOURS}
    count = len(LABELS)
    counts = np.eye(count, dtype=int) * 5 + RNG.integers(0, 2, (count, count))
    many = len(OPPOSITES_LABELS)
    return {
        "gains": comparison.gain_chart(gains(), **named),
        "classes": comparison.class_scatter(gains(), **named),
        "reliability": comparison.reliability_diagram(
            [comparison.Curve(name, "#0072B2", bins()) for name in ("MAAGN", "TSM")]
        ),
        "confusion": mistakes.confusion_matrix(counts, LABELS, chosen=(1, 2)),
        "confusion of many": mistakes.confusion_matrix(
            np.eye(many, dtype=int) * 5, OPPOSITES_LABELS
        ),
        "slices": mistakes.slice_rates(
            [mistakes.Interval(f"hands = {i}", 0.3, 0.2, 0.4, 0.1, 30) for i in range(4)],
            network="MAAGN", what="misclassified",
        ),
        "by class": gates.by_class(
            LABELS, np.arange(10.0), np.ones(10), unit="magnitude", colour="#CC79A7", here=LONG
        ),
        "epochs": gates.over_epochs({"res3": [0.1, 0.2], "res4": [0.3, 0.1]}, unit="mean"),
        "channels": channels.channel_heat(
            RNG.random((8, 32)), seconds=np.arange(8) / 4, bounds=(0.0, 1.0), chosen=(2, 3)
        ),
        "region": clips.frame_to_draw_on(np.full((32, 40, 3), 90, np.uint8)),
        "leanings": left_out.leanings(
            {"MAAGN": RNG.normal(size=6), "TSM": RNG.normal(size=6)},
            np.arange(6) > 2, label=LABELS[0], opposite=LABELS[1],
        ),
        "neighbours": neighbours.clip_map(
            RNG.normal(size=(9, 2)).astype(np.float32),
            [
                neighbours.Layer("others", np.arange(6)),
                neighbours.Layer("mine", np.arange(6, 9), neighbours.FIRST, "diamond-open", 5),
            ],
            explained=np.array([0.4, 0.2]), numbers=np.arange(9),
        ),
        "speeds": neighbours.clip_map(
            RNG.normal(size=(9, 2)).astype(np.float32),
            [neighbours.Layer("speed", np.arange(9), values=np.arange(9.0, dtype=np.float32))],
            explained=np.array([0.4, 0.2]), numbers=np.arange(9),
        ),
        "two masks": masks.of_two_clips(
            {"closing": np.ones(8), "turning": np.full(8, 2.0)},
            MTAM, band=(np.ones(8), np.full(8, 2.0)),
        ),
        "bands": bands(),
        "leanings over time": timeline.leanings_over_time(
            [timeline.Line("TSM", "#D55E00", np.arange(9.0), RNG.normal(size=9))],
            LABELS[0], LABELS[1], seconds=9.0, cuts=(3.0,),
        ),
        "shares over time": timeline.shares_over_time(
            [timeline.Line("TSM", "#D55E00", np.arange(9.0), RNG.random(9))], LONG, seconds=9.0
        ),
    }  # fmt: skip


CHARTS = charts()


def texts(svg: bytes) -> list[tuple[str, float, bool]]:
    """Every text of an SVG, its size in points, and whether it is inside the picture."""
    root = ET.fromstring(svg)
    width, height = (float(root.attrib[side].removesuffix("pt")) for side in ("width", "height"))
    found = []
    for element in root.iter("{http://www.w3.org/2000/svg}text"):
        style = element.attrib["style"]
        size = float(re.search(r"([\d.]+)px", style)[1])
        words = "".join(element.itertext())
        moved = element.attrib.get("transform", "")
        at = re.search(r"translate\(([-\d.]+) ([-\d.]+)\)", moved)
        x, y = map(float, at.groups() if at else (element.attrib["x"], element.attrib["y"]))
        inside = -1 <= x <= width + 1 and -1 <= y <= height + 1
        anchored = re.search(r"text-anchor: (\w+)", style)
        across = text_width(words, size=size, bold="bold" in style or "700" in style)
        if "rotate(-90" not in moved:
            left = x - {"end": across, "middle": across / 2}.get(anchored[1] if anchored else "", 0)
            inside &= left >= -1 and left + across <= width + 2
        found.append((words, size, inside))
    return found


def test_pictures_of_a_film_are_printed_above_its_bands():
    png = print_chart(CHARTS["bands"], title=TITLE_WORDS, width="two columns", kind="png")
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)
    red = (np.abs(pixels - [255, 0, 0]).sum(axis=2) < 20).sum(axis=1)
    rows = np.flatnonzero(red > 0.8 * pixels.shape[1])
    assert 0.03 < len(rows) / len(pixels) < 0.3
    assert rows[-1] < 0.4 * len(pixels)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_whole_in_letters_of_print_size(name, width):
    svg = print_chart(CHARTS[name], title=TITLE_WORDS, width=width, kind="svg")
    root = ET.fromstring(svg)
    points = float(root.attrib["width"].removesuffix("pt"))
    assert points * 25.4 / 72 == pytest.approx(WIDTHS[width], abs=0.1)
    found = texts(svg)
    assert {size for _, size, _ in found} <= {TEXT, TITLE}
    assert [words for words, _, inside in found if not inside] == []
    said = " ".join(words for words, _, _ in found)
    assert TITLE_WORDS in said
    assert "…" not in said


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["gains", "by class", "confusion", "confusion of many"])
def test_every_class_is_named_whole(name, width):
    svg = print_chart(CHARTS[name], title="Classes", width=width, kind="svg")
    said = "".join("".join(words.split()) for words, _, _ in texts(svg))  # wherever lines end
    labels = OPPOSITES_LABELS if name == "confusion of many" else LABELS
    assert [label for label in labels if "".join(label.split()) not in said] == []


def test_png_has_300_dots_an_inch():
    for width, millimetres in WIDTHS.items():
        png = print_chart(CHARTS["gains"], title="Gains", width=width, kind="png", about="dots")
        with Image.open(io.BytesIO(png)) as image:
            assert image.width == pytest.approx(millimetres / 25.4 * DPI, abs=1)
            assert image.info["dpi"] == pytest.approx((DPI, DPI), abs=0.01)
            assert image.info["Description"] == "dots"


def test_pdf_has_its_size_and_its_letters():
    for width, millimetres in WIDTHS.items():
        pdf = print_chart(CHARTS["gains"], title="Gains", width=width, kind="pdf")
        box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) [\d.]+ \]", pdf)
        assert float(box[1]) * 25.4 / 72 == pytest.approx(millimetres, abs=0.1)
        assert b"/FontFile2" in pdf  # TrueType, embedded
        assert b"/Type3" not in pdf
        sizes = {
            float(size)
            for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
            for size in re.findall(rb"/F\d+ ([\d.]+) Tf", _inflated(stream))
        }
        assert sizes == {TEXT, TITLE}


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def test_the_same_chart_is_the_same_file():
    for kind in ("png", "svg", "pdf"):
        one, other = (
            print_chart(CHARTS["epochs"], title="a", width="one column", kind=kind) for _ in "ab"
        )
        assert one == other


def test_names_are_letters():
    name = "$x_1$ <b> & </svg>"
    fig = go.Figure(go.Scatter(x=[1], y=["$x_1$ &lt;b&gt; &amp; &lt;/svg&gt;"], mode="markers"))
    svg = print_chart(fig, title=name, width="one column", kind="svg")
    assert [words for words, _, _ in texts(svg)].count(name) == 2


def test_tags_are_no_letters():
    assert spoken("<b>a</b><br>b &lt;i&gt;") == "a\nb <i>"


def test_fifty_thousand_points_are_printed_in_seconds_and_in_little():
    n = 50_000
    layers = [neighbours.Layer("others", np.arange(n))]
    plane = RNG.normal(size=(n, 2)).astype(np.float32)
    fig = neighbours.clip_map(plane, layers, explained=np.ones(2) / 2, numbers=np.arange(n))
    begun = time.monotonic()
    pdf = print_chart(fig, title="Clips", width="two columns", kind="pdf")
    assert time.monotonic() - begun < 30
    assert len(pdf) < 3_000_000


def test_what_cannot_be_printed_is_named():
    with pytest.raises(ValueError, match="pie"):
        print_chart(go.Figure(go.Pie(values=[1])), title="a", width="one column", kind="png")


def test_no_chart_is_made_of_anything_else():
    """Else its button for print would fail: draw the new kind in `maagn.figures.printed` too."""
    made = set()
    drawn = {*(ROOT / "maagn" / "figures").glob("*.py"), *(ROOT / "app").rglob("*.py")}
    drawn.remove(
        ROOT / "maagn" / "figures" / "report.py"
    )  # of notebooks, which have no such button
    for path in drawn:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                called, owner = node.func.attr, node.func.value
                if isinstance(owner, ast.Name) and owner.id == "go" and called != "Figure":
                    made.add(called.lower())
                elif called in {f"add_{name}" for name in ("bar", "heatmap", "scatter", "pie")}:
                    made.add(called.removeprefix("add_"))
                elif called == "add_shape":
                    made |= {k.value.value for k in node.keywords if k.arg == "type"}
    assert made <= TRACES | SHAPES


@pytest.mark.parametrize("label", [LONG, "word", "", "W" * 200])
def test_wrapped_words_fit_and_are_all_there(label):
    lines = wrapped(label, room=100).split("\n")
    assert "".join("".join(lines).split()) == "".join(label.split())
    assert max(map(text_width, lines)) <= 100


def test_every_class_of_something_something_fits_a_column():
    room = WIDTHS["one column"] / 25.4 * 72 / 2
    labels = something_something_v2()
    assert max(wrapped(label, room=room).count("\n") for label in labels) <= 3
