"""A person's own columns: what is joined, and what is refused with its line."""

import pandas as pd
import pytest

from maagn.data.columns import called, read_columns
from maagn.errors import ColumnsError

CLIPS = (("a", "in/a.mp4"), ("b", "in/b.mp4"), ("c", "out/c.mp4"))


def read(text: str, clips=CLIPS):
    return read_columns(text.encode(), clips, name="mine.csv")


def test_values_are_numbers_words_or_true_and_false_in_the_clips_order():
    found = read(
        "id,place,age,indoors,weight\nc,kitchen,3,true,0.5\na,garden,4,false,1\nb,,5,true,2"
    )
    table = found.table
    assert table.place.tolist()[::2] == ["garden", "kitchen"]
    assert pd.isna(table.place[1])
    assert table.age.tolist() == [4, 5, 3]
    assert table.indoors.tolist() == [False, True, True]
    assert table.weight.tolist() == [1.0, 2.0, 0.5]
    assert pd.api.types.is_bool_dtype(table.indoors)
    assert (found.without, found.unknown) == (0, 0)


def test_clips_without_a_line_have_missing_values_and_are_counted():
    found = read("place,Path,indoors\nkitchen,in/b.mp4,yes\nhall,in/z.mp4,no\n\n")
    assert found.table.place.isna().tolist() == [True, False, True]
    assert (found.without, found.unknown) == (2, 1)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_quotes_and_a_byte_order_mark(tmp_path, separator):
    path = tmp_path / "mine.csv"
    lines = [["id", "words"], ["a", f'"one{separator} two"'], ["b", "x, y"]]
    path.write_text("\ufeff" + "\r\n".join(map(separator.join, lines)), encoding="utf-8")
    assert read_columns(path, CLIPS).table.words.tolist()[:2] == [f"one{separator} two", "x, y"]


def test_one_column_beside_the_id_may_be_missing_everywhere():
    assert read("id,words\na,\nb,\n").table.words.isna().all()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "no column that names the clips"),
        ("name,place\na,b\n", "call one of its columns `id`"),
        ("id\na\n", "needs 2 to 100 columns"),
        ("id,x,x\na,1,2\n", "headings of their own"),
        ("id,x\na,1\nb,2\n\na,3\n", "'a' in line 5 again, after line 2"),
        ("id,x\na,1\nin/a.mp4,3\n", "'in/a.mp4' in line 3 again, after line 2"),
        ("id,x\nz,1\nz,3\n", "'z' in line 3 again"),
        ("id,x\na,1,2\n", "3 fields in line 2, but 2 headings"),
        ("id,x\nz,1\n", "names none of these clips in its column id: they are called like 'a'"),
        ('id,x\na,"1\n', "line 2 cannot be read"),
    ],
)
def test_what_is_refused(text, match):
    with pytest.raises(ColumnsError, match=match):
        read(text)


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(ColumnsError, match=r"nothing\.csv cannot be read"):
        read_columns(tmp_path / "nothing.csv", CLIPS)
    (tmp_path / "odd.csv").write_bytes(b"id,x\na,\xe4\n")
    with pytest.raises(ColumnsError, match="not UTF-8"):
        read_columns(tmp_path / "odd.csv", CLIPS)


def test_file_names_stand_for_clips_where_they_are_one_clips_alone():
    clips = [called("1", "in/a.mp4"), called("2", "out/a.mp4"), called("3", "out/b.mp4")]
    found = read("clip,x\nb,3\na.mp4,0\nin/a,1\n", clips)
    assert found.table.x.tolist()[0] == 1
    assert found.table.x.tolist()[2] == 3
    assert (found.without, found.unknown) == (1, 1)
