"""Registered sets: kept, found, browsed by page, and refused where they cannot be."""

from pathlib import Path

import pytest

from maagn.data.index import Index
from maagn.data.registry import find, register, registered
from maagn.data.videos import Video, VideoSet
from maagn.errors import ColumnsError, RegistryError
from maagn.labels import ClassPairs

LABELS = ("Opening something", 'Closing "something"', "Pushing [something] left")


def videos(count=50, *, split="val", folder=Path("/data/set")):
    rows = tuple(
        Video(f"clip{i}", folder / f"{i % 7}" / f"clip{i}.webm", i % 3 if i % 10 else None, i)
        for i in range(count)
    )
    return VideoSet("My set", "something-v2", folder, split, LABELS, rows)


def test_what_is_registered_is_found_again(tmp_path):
    one = register(videos(), root=tmp_path)
    other = register(videos(20, split="train"), name="mine", root=tmp_path)
    assert (one.name, one.clips, one.labels) == ("My-set-val", 50, LABELS)
    assert registered(root=tmp_path) == (one, other)
    assert find("mine", root=tmp_path) == other
    assert register(videos(30), root=tmp_path).clips == 30
    assert len(registered(root=tmp_path)) == 2


def test_pairs_that_a_person_gave_are_kept(tmp_path):
    pairs = ClassPairs(mirrored=((LABELS[2], LABELS[2]),))
    register(videos(), name="given", root=tmp_path, pairs=pairs)
    register(videos(), name="none", root=tmp_path)
    assert find("given", root=tmp_path).pairs == pairs
    assert find("none", root=tmp_path).pairs == ClassPairs()
    head = tmp_path / "given" / "dataset.json"
    head.write_text(head.read_text().replace('"mirrored"', '"opposites"'))
    with pytest.raises(RegistryError, match="given cannot be read"):
        find("given", root=tmp_path)


def test_columns_that_a_person_gave_are_kept_and_measures_stay(tmp_path):
    own = tmp_path / "mine.csv"
    own.write_text("id,place\nclip3,kitchen\n")
    one = register(videos(), root=tmp_path, columns=own)
    assert one.columns.read_text() == own.read_text()
    one.measures.write_bytes(b"a table")
    again = register(videos(30), root=tmp_path)
    assert not again.columns.exists()
    assert again.measures.read_bytes() == b"a table"
    own.write_text("id,place\nclip99,kitchen\n")
    with pytest.raises(ColumnsError, match="none of these clips"):
        register(videos(), name="other", root=tmp_path, columns=own)
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("name", ["", "..", "a/b", "ü", "x" * 61, ".hidden"])
def test_names_that_are_no_folder_are_refused(tmp_path, name):
    with pytest.raises(RegistryError, match="data set"):
        find(name, root=tmp_path)
    if name:
        with pytest.raises(RegistryError, match="cannot be a name"):
            register(videos(), name=name, root=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_damaged_entries_are_left_out_and_named(tmp_path):
    whole = register(videos(), name="whole", root=tmp_path)
    cut = register(videos(), name="cut", root=tmp_path)
    (tmp_path / "cut" / "dataset.json").write_text('{"format": "other"')
    assert registered(root=tmp_path) == (whole,)
    with pytest.raises(RegistryError, match="cut cannot be read"):
        find("cut", root=tmp_path)
    cut.rows.write_bytes(b"PAR1 and no more")
    with pytest.raises(RegistryError, match="damaged"):
        Index(cut)


def test_pages_of_a_search(tmp_path):
    index = Index(register(videos(), root=tmp_path))
    first = index.page(limit=10)
    assert first.total == 50
    assert first.videos == videos().videos[:10]
    assert index.page(limit=10, offset=45).videos == videos().videos[45:]
    assert index.page(limit=10, offset=500) == type(first)((), 50)
    closing = index.page(words=' closing "S', limit=99)
    assert {video.label for video in closing.videos} == {1}
    assert index.page(label=1, limit=99) == closing
    assert [video.id for video in index.page(words="CLIP4", limit=99).videos] == [
        "clip4",
        *(f"clip{i}" for i in range(40, 50)),
    ]
    assert index.page(words="'; DROP TABLE videos").total == 0
    assert sum(index.counts()) == 45


def test_one_video_by_its_name(tmp_path):
    index = Index(register(videos(), root=tmp_path))
    assert index.video("clip10") == videos().videos[10]
    assert index.video("clip10' OR 1=1 --") is None


def test_a_set_of_220_000_is_browsed(tmp_path):
    data = register(videos(220_000), root=tmp_path)
    index = Index(data)
    assert index.page(offset=200_000) != index.page(offset=0)
    assert index.page(words="closing")
    assert index.video("clip219999") == videos(220_000).videos[-1]


def test_a_set_registered_by_an_earlier_version_opens():
    """`maagn data register /data/clips --name doors`, before the code was reorganised."""
    (data,) = registered(root=Path(__file__).parent / "earlier")
    assert (data.name, data.layout, data.split) == ("doors", "class-folders", "val")
    assert data.labels == ("Closing", "Opening")
    page = Index(data).page()
    assert page.total == 4
    assert page.videos[0].path.is_relative_to("/data/clips/Closing")
