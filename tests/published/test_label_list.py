"""Class names from the files that people have."""

import json

import pytest

from maagn.errors import CheckpointError
from maagn.published.facts import read_labels

NAMES = ("Opening [something]", "Closing [something]", "Moving [something] up")


def written(tmp_path, text, name="labels.txt"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels.txt", "\ufeff" + "\r\n".join(NAMES)),
        ("labels.txt", "\n\n".join(f"  {name} " for name in NAMES)),
        ("labels.json", json.dumps({name: str(i) for i, name in enumerate(NAMES)})),
        ("labels.json", json.dumps({name: i for i, name in reversed(list(enumerate(NAMES)))})),
        ("classes.json", json.dumps(NAMES)),
        ("labels", json.dumps({name: str(i) for i, name in enumerate(NAMES)})),
    ],
)
def test_names_come_in_the_order_of_the_logits(name, text, tmp_path):
    assert read_labels(written(tmp_path, text, name)) == NAMES


def test_a_text_may_begin_with_a_bracket_and_hold_numbers(tmp_path):
    text = "[Something] opens\n[Something] closes\n"
    assert read_labels(written(tmp_path, text)) == ("[Something] opens", "[Something] closes")
    assert read_labels(written(tmp_path, "7\n8\n")) == ("7", "8")
    assert read_labels(written(tmp_path, "7\n")) == ("7",)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("labels.json", '{"a": "0", "b": "2"}', "does not number the classes from 0"),
        ("labels.json", '{"a": "0", "b": "0"}', "does not number the classes from 0"),
        ("labels.json", '{"a": "first"}', "does not number the classes from 0"),
        ("labels.json", '[{"id": 1}]', "does not number the classes from 0"),
        ("labels.json", '{"a": "0"', "is damaged"),
        ("labels.json", "[]", "holds no class names"),
        ("labels.txt", " \n", "holds no class names"),
        ("labels.txt", "a\nb\na\n", "names the class 'a' twice"),
    ],
)
def test_a_list_without_an_order_is_refused(name, text, words, tmp_path):
    with pytest.raises(CheckpointError, match=words):
        read_labels(written(tmp_path, text, name))


def test_a_list_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"none\.txt cannot be opened"):
        read_labels(tmp_path / "none.txt")
