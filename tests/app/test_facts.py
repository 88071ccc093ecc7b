import csv
import io

import numpy as np
import pandas as pd
import pytest

import maagn
from app.downloads import name_of, npz
from app.facts import (
    Facts,
    NetworkFacts,
    clip_part,
    file_name,
    verdict,
    vote_note,
    with_columns,
)
from tests.tiny import make_model, spec

SHA = "0123456789abcdef" * 4
FACTS = Facts(
    clip="opening-something-2.mp4",
    truth="Opening something",
    explained="Closing something",
    method="hirescam",
    layer="backbone.res4",
    networks=(
        NetworkFacts("MAAGN", "maagn-demo", SHA, layer="paths.0.output"),
        NetworkFacts("TSM", "tsm-demo", SHA[::-1], layer="backbone.res3"),
    ),
)


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("opening-2", "attention", "sdm res4"), "opening-2--attention--sdm-res4"),
        (("Tür öffnen", "explore"), "tür-öffnen--explore"),  # letters of any script stay
        (("दरवाज़ा खोलना",), "दरवाज़ा-खोलना"),  # and the marks that belong to them
        (("打开东西", "x"), "打开东西--x"),
        (("../../etc/passwd", "a\\b:c*?\"<>|"), "etc-passwd--a-b-c"),
        (("a\nb\x00c\udcff", "--"), "a-b-c"),  # no letter: left out
        (("", "compare", "pairs"), "compare--pairs"),
        ((), "maagn"),
        (("ﬁlm Ⅳ",), "film-iv"),  # one way to write what looks alike
    ],
)  # fmt: skip
def test_a_files_name_is_taken_by_every_system(parts, name):
    assert file_name(*parts, ending="csv") == f"{name}.csv"


def test_long_names_are_cut_by_bytes_between_letters():
    name = file_name("ö" * 500, "view " * 100, "a", ending="npz")
    assert len(name.encode()) < 200
    assert name.startswith("ö" * 30 + "--view-view")
    assert name.endswith("--a.npz")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("a.mp4", "a"),
        ("folder/b.v2.webm", "b.v2"),
        ("C:\\clips\\c.mov", "c"),
        ("Opening something, test clip 3", "Opening something, test clip 3"),
        ("", ""),
    ],
)
def test_a_clips_part_has_no_folder_and_no_ending(name, part):
    assert clip_part(name) == part


def test_files_are_named_after_clip_page_and_content():
    assert name_of(FACTS, "attention", "sdm res4", ending="csv") == (
        "opening-something-2--attention--sdm-res4.csv"
    )


def test_csv_says_on_every_row_what_it_is_about():
    frame = pd.DataFrame({"seconds": [0.1, 0.2], "value": [1, 2]})
    rows = list(csv.DictReader(io.StringIO(with_columns(frame, FACTS))))
    assert [row["value"] for row in rows] == ["1", "2"]
    for row in rows:
        assert row["clip"] == "opening-something-2.mp4"
        assert row["true class"] == "Opening something"
        assert row["class explained"] == "Closing something"
        assert row["method"] == "hirescam"
        assert row["layer"] == "paths.0.output; backbone.res3"
        assert row["checkpoint"] == "maagn-demo; tsm-demo"
        assert row["checkpoint SHA-256"] == f"{SHA}; {SHA[::-1]}"
        assert row["maagn version"] == maagn.__version__


def test_a_tables_own_columns_stay_and_formulas_are_texts():
    frame = pd.DataFrame({"clip": ["mine"], "=1+1": ["=HYPERLINK(0)"]})
    (row,) = csv.DictReader(io.StringIO(with_columns(frame, Facts(clip="@page"))))
    assert row["clip"] == "mine"
    assert row["page: clip"] == "'@page"
    assert row["'=1+1"] == "'=HYPERLINK(0)"
    assert set(row) == {
        "clip",
        "'=1+1",
        "page: clip",
        "maagn version",
    }  # what is unknown is left out


def test_npz_says_what_it_is_about_without_objects():
    content = npz({"SDM/maps": np.arange(3), **FACTS.arrays()})
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        assert arrays["SDM_maps"].tolist() == [0, 1, 2]
        assert arrays["about.clip"].shape == ()
        texts = {name: str(arrays[name]) for name in arrays.files if name.startswith("about.")}
    assert texts == {
        "about.clip": "opening-something-2.mp4",
        "about.true_class": "Opening something",
        "about.class_explained": "Closing something",
        "about.method": "hirescam",
        "about.layer": "backbone.res4",
        "about.maagn_version": maagn.__version__,
        "about.MAAGN.checkpoint": "maagn-demo",
        "about.MAAGN.sha256": SHA,
        "about.MAAGN.layer": "paths.0.output",
        "about.TSM.checkpoint": "tsm-demo",
        "about.TSM.sha256": SHA[::-1],
        "about.TSM.layer": "backbone.res3",
    }


@pytest.mark.parametrize(
    ("truth", "words"),
    [
        ("opening [something]", "✓ right"),
        ("Closing something", "✗ wrong"),
        ("Dancing", "does not know this class"),
        (None, ""),
    ],
)
def test_a_prediction_is_right_or_wrong_in_words(truth, words):
    assert verdict("Opening something", truth, ("Opening something", "Closing something")) == words


@pytest.mark.parametrize(
    ("votes", "note"),
    [
        ("own", "alone would predict"),
        ("own+levels", "with what all paths share, would predict"),
        ("own+last", "with what all paths share, would predict"),
    ],
)
def test_a_path_that_reads_what_all_share_does_not_vote_alone(votes, note):
    assert vote_note(make_model(spec("maagn", votes=votes))) == note
