"""Pairs of classes that a person gives in a file."""

import pytest

from maagn.errors import PairsError
from maagn.label_files import mirrored_csv, opposites_csv, read_class_pairs
from maagn.labels import ClassPairs, ClassRelations, Opposites

LABELS = ("Rise, then fall", "Sink", "left", "right", "Things left on [table]", "label")


def read(folder, *, opposites=None, mirrored=None):
    files = {}
    for name, content in (("opposites", opposites), ("mirrored", mirrored)):
        if content is not None:
            files[name] = folder / f"{name}.csv"
            files[name].write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_class_pairs(LABELS, **files)


@pytest.mark.parametrize(
    "content",
    [
        '"Rise, then fall",Sink',
        'label,opposite,kind\n"Rise, then fall",Sink,time-reversal\n',
        "Label\tOpposite\r\nRise, then fall\tSink\r\n",
        b'\xef\xbb\xbf"rise, then fall" , sink , , \n\n',
    ],
)
def test_commas_tabs_headers_and_marks_are_read(tmp_path, content):
    pairs = (Opposites("Rise, then fall", "Sink", "time-reversal"),)
    assert read(tmp_path, opposites=content) == ClassPairs(pairs)


def test_a_class_is_its_own_mirror_image_and_a_header_may_be_a_class(tmp_path):
    found = read(tmp_path, mirrored="left,right\nthings_left_on_table,things left on table.\n")
    table = "Things left on [table]"
    assert found.mirrored == (("left", "right"), (table, table))
    assert read(tmp_path, mirrored="label,label\n").mirrored == (("label", "label"),)
    assert read(tmp_path, opposites="label,opposite\n") == ClassPairs(())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("left,rihgt", "names 'rihgt' in line 1.*one of the 6 classes; the closest is 'right'"),
        ("label,opposite\nleft", "1 column in line 2 where 2 or 3"),
        ("left,right,time-reversal,x", "4 columns in line 1"),
        ("Rise, then fall,Sink", "names 'Rise' in line 1.*closest is 'Rise, then fall', in quotes"),
        ("left,right,backwards", "has the kind 'backwards' in line 1"),
        ("left,right\nright,left,outcome", "gives 'right' a second opposite in line 2"),
        ("left,right\nSink,left", "gives 'left' a second opposite in line 2"),
        ("left,left", "its own opposite in line 1"),
        ("", "is empty"),
        ("\n , \n", "is empty"),
        (b"\xff\xfe\x00", "no text of two columns"),
        ('"left,right', "1 column in line 1"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path, content, words):
    with pytest.raises(PairsError, match=words) as error:
        read(tmp_path, opposites=content)
    assert str(error.value).startswith("opposites.csv ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("left,right\nleft,left", "gives 'left' a second partner in line 2"),
        ("left,right\nSink,right", "gives 'right' a second partner in line 2"),
        ("left,right,role", "3 columns in line 1 where 2 are needed"),
    ],
)
def test_a_mirror_has_one_image_of_a_class(tmp_path, content, words):
    with pytest.raises(PairsError, match=words):
        read(tmp_path, mirrored=content)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PairsError, match=r"none\.csv cannot be opened"):
        read_class_pairs(LABELS, mirrored=tmp_path / "none.csv")
    with pytest.raises(PairsError, match="cannot be opened"):
        read_class_pairs(LABELS, mirrored=tmp_path)


def test_a_class_may_have_opposites_of_several_kinds(tmp_path):
    found = read(tmp_path, opposites="left,right\nleft,Sink,pretended\nleft,label,Pretended")
    assert [pair.kind for pair in found.opposites] == ["time-reversal", "pretended", "pretended"]


def test_what_is_written_is_read_again(tmp_path):
    relations = ClassRelations.of(("go, left", "go, right", "push", "pull"))
    (tmp_path / "o.csv").write_text(opposites_csv(relations.opposites))
    (tmp_path / "m.csv").write_text(mirrored_csv([("go, left", "go, right")]))
    class_pairs = read_class_pairs(
        relations.labels, opposites=tmp_path / "o.csv", mirrored=tmp_path / "m.csv"
    )
    assert class_pairs.opposites is not None
    assert [(p.label, p.opposite) for p in class_pairs.opposites] == [
        (p.label, p.opposite) for p in relations.opposites
    ]
    assert class_pairs.mirrored == (("go, left", "go, right"),)
