"""What a person is told before they believe a figure."""

from pathlib import Path

from maagn.data.videos import Video
from maagn.evaluate.intervals import Share
from maagn.teach.examples import Example, Examples
from maagn.teach.report import Leak
from maagn.teach.warn import warnings


def examples(counts, opposites=(1, 0)):
    clips = [
        Example(Video(f"{label}-{n}", Path("x"), label), label, f"{label}-{n}")
        for label, count in enumerate(counts)
        for n in range(count)
    ]
    return Examples("doors", ("in", "out"), tuple(clips), opposites)


def leak(reader, hits, *, low):
    return Leak(reader, Share(hits / 20, low, 1.0, hits, 20), 0.5)


def test_nothing_is_said_of_enough_even_clips_without_leaks():
    assert warnings(examples([6, 6]), [6, 6], [leak("TSN", 12, low=0.4)]) == ()


def test_few_and_uneven_clips():
    few, uneven = warnings(examples([2, 6]), [2, 6], [])
    assert few.startswith("in has 2 clips")
    assert uneven.startswith("out has 6 clips and in has 2")


def test_a_leak_is_said_with_its_numbers_and_whether_heads_could_learn_it():
    told = [leak("first frame", 11, low=0.4), leak("TSN", 18, low=0.7)]
    (doubled,) = warnings(examples([10, 10]), [10, 10], told)
    assert "TSN, on the clips as filmed, 18 of 20" in doubled
    assert "first frame" not in doubled
    assert "did not learn from that" in doubled
    (single,) = warnings(examples([10, 10], opposites=(-1, -1)), [10, 10], told)
    assert "film every class in every place" in single
