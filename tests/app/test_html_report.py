import re
from datetime import UTC, datetime

import numpy as np
import pandas as pd

import maagn
from app.elements import Exhibit, PageContents
from app.facts import Facts, NetworkFacts
from app.html_report import to_html

SHA = "0123456789abcdef" * 4
LONG = "Trying but failing to attach something to something because it doesn't stick"
FACTS = Facts(
    clip="a clip.mp4",
    clip_digest=SHA[::-1],
    truth=LONG,
    explained="Opening something",
    method="hirescam",
    layer="backbone.res4",
    path="res3",
    networks=(
        NetworkFacts(
            "MAAGN", "maagn-demo", SHA, "MAAGN", "attends", "videos", "backbone.res4",
            tuple((f"class {i}", 0.5 / (i + 1)) for i in range(5)), "✗ wrong",
        ),
    ),
)  # fmt: skip
MADE = datetime(2026, 3, 4, 15, 6, 7, tzinfo=UTC)


def words(page: str) -> str:
    """What is read, without scripts, styles and tags."""
    bare = re.sub(r"(?s)<(script|style).*?</\1>", " ", page)
    return " ".join(re.sub(r"<[^>]+>", " ", bare).split()).replace("&#x27;", "'")


def test_a_report_begins_with_what_it_is_about():
    sheet = PageContents("What?", facts=FACTS, run="Run: three seeds")
    text = words(to_html(sheet, made=MADE))
    for part in (
        "Run: three seeds", "a clip.mp4", SHA[::-1], LONG, "Class explained Opening something",
        "Method hirescam", "Layer backbone.res4", "Path res3", "2026-03-04 15:06:07 +0000 (UTC)",
        f"MAAGN version {maagn.__version__}", SHA, "maagn-demo", "attends", "videos",
        "MAAGN ✗ wrong", "1 class 0 50 %", "5 class 4 10 %",
    ):  # fmt: skip
        assert part in text


def test_a_report_about_no_clip_says_nothing_of_one():
    text = words(to_html(PageContents("What?"), made=MADE))
    for part in ("Clip", "True class", "Predictions", "Networks", "Run"):
        assert part not in text


def test_a_clip_of_an_unknown_class_says_so():
    assert "True class not known" in words(to_html(PageContents("?", facts=Facts(clip="a.mp4"))))


def test_tables_are_whole():
    frame = pd.DataFrame({"class": [LONG * 3] * 200, "share": np.linspace(0, 1, 200), "x": None})
    text = words(to_html(PageContents("What?", {"t": Exhibit("Table", frame)})))
    assert text.count(LONG * 3) == 200
    assert "0.00502513" in text
    assert "..." not in text


def test_names_are_letters_in_the_head_too():
    mean = "<img src=x onerror=alert(1)>"
    facts = Facts(clip=mean, truth=mean, networks=(NetworkFacts(mean, mean, mean, verdict=mean),))
    assert mean not in to_html(PageContents("What?", facts=facts, run=mean))
