"""People's own words in code for notebooks, in Markdown and in tables."""

import ast
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from markdown_it import MarkdownIt

from app.elements import markdown
from app.facts import Facts, with_columns
from app.predictions import Answer
from app.selection import ClipChoice, Question
from maagn.explain.edits import Edit
from tests.browser import hostile

NAMES = (
    *hostile.LABELS,
    hostile.UPLOAD,
    'a"); import os; os.system("b") #',
    'a\\"); import os #',
    "a\nimport os\n# ",
    "# not a heading",
    "- not a list",
    "1. not a list either",
    "12) nor this",
    "+ nor this",
    "---",
    "      = nor code",
    "&lt;b&gt; &amp; \\* ![a](b) [^1] <!-- -->",
    "a\u202eb\u2066c",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_markdown_is_its_own_letters(name):
    tree = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    (start, inline, end) = tree.parse(markdown(name))
    assert (start.tag, end.tag) == ("p", "p")
    assert {child.type for child in inline.children} <= {"text", "text_special"}
    read = "".join(child.content for child in inline.children).replace("\u2060", "")
    assert read == name.replace("\n", " ").strip()


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_code_is_a_text_and_nothing_else(name):
    from app.views import arrow, evidence, faithful, learn, notebook, whatif
    from app.views.recorded import Source

    clip = ClipChoice(Path("x"), name)
    question = Question(clip, (name,), name, "gradcam", "paths.0.output")
    report = SimpleNamespace(label=name, cam=SimpleNamespace(name="paths.0.output"))
    answer = Answer(question, None, (report,))
    for code in (
        notebook.explain(answer),
        notebook.steps(question, path=0, frame=0, numbers=range(1, 14)),
        notebook.confusion(Source(name, None)),
        notebook.cards([name]),
        notebook.data_set(name, words=name, label=None, limit=24, offset=0),
        evidence.against_code(answer, name),
        faithful.code(answer, "cells", "quick"),
        arrow.code(question),
        whatif.edit_code(question, Edit(tuple(range(8)))),
        learn.tour_code(question),
    ):
        assert all(letter.isprintable() or letter == "\n" for letter in code)
        tree = ast.parse(code)
        texts = [one.value for one in ast.walk(tree) if isinstance(one, ast.Constant)]
        assert name in texts
        modules = {
            one.module if isinstance(one, ast.ImportFrom) else one.names[0].name
            for one in ast.walk(tree)
            if isinstance(one, ast.Import | ast.ImportFrom)
        }
        assert all(module.partition(".")[0] in ("maagn", "pathlib") for module in modules)


def test_a_clip_of_a_set_is_called_by_its_name_in_code():
    from app.views import notebook

    clip = ClipChoice(Path("x"), "set 1", link="data/set/1")
    code = str(notebook.clip_lines(clip))
    assert 'find("set")' in code
    assert 'video("1")' in code


def test_no_cell_of_a_table_is_a_formula():
    frame = pd.DataFrame(
        {"=1+1": ["=cmd|' /C calc'!A0", "+2.31", "@SUM(A1)", "-x", "plain"], "n": np.arange(5) - 2}
    )
    rows = with_columns(frame, Facts()).splitlines()
    assert rows[0].startswith("'=1+1,n,")
    assert rows[1].startswith("'=cmd|' /C calc'!A0,-2,")
    assert rows[2].startswith("+2.31,-1,")  # a number is one
    assert rows[3].startswith("'@SUM(A1),0,")
    assert rows[4].startswith("'-x,1,")
    assert rows[5].startswith("plain,2,")
