"""A teaching's figures in words and tables: they never flatter, and say what they are of."""

from dataclasses import replace

import pytest

from app.views.teach_result import note, rows, sentence
from maagn.evaluate.intervals import Estimate, Share, wilson
from maagn.teach.report import Leak, TaughtNetwork, TeachingReport


def of(hits: int, trials: int) -> Share:
    return Share(hits / trials, *wilson(hits, trials), hits, trials)


def report(*right: int, clips: tuple[int, ...] = (6, 6), kinds=("MAAGN", "TSM", "TSN")):
    labels = ("right", "left")
    total = sum(clips)

    def network(kind: str, hits: int) -> TaughtNetwork:
        share = of(hits, total)
        return TaughtNetwork(
            f"x-{kind}", kind, kind, "", "head", (1.0,), share,
            Estimate(share.value, share.low, share.high),
            {"right": of(1, 6), "left": of(2, 6)}, None,
        )  # fmt: skip

    networks = tuple(network(kind, hits) for kind, hits in zip(kinds, right, strict=False))
    leak = Leak("first frame", of(7, total), 0.5)
    return TeachingReport("x", labels, clips, (), "clip", total, networks, (leak,))


@pytest.mark.parametrize(
    ("right", "clips", "words"),
    [
        ((12, 12, 6), (6, 6), "**MAAGN and TSM classify 12 of 12 left-out clips correctly**, more"),
        ((12, 12, 12), (6, 6), "**MAAGN, TSM and TSN classify 12 of 12"),
        ((11, 12, 6), (6, 6), "**TSM classifies 12 of 12 left-out clips correctly**, more than by"),
        ((7, 6, 6), (6, 6), "MAAGN classifies 7 of 12 left-out clips correctly: **not signif"),
        ((11, 9, 9), (9, 3), "MAAGN classifies 11 of 12 left-out clips correctly: **not signif"),
    ],
)
def test_the_sentence_never_flatters(right, clips, words):
    assert sentence(report(*right, clips=clips)).startswith(words)


def test_a_class_called_as_a_column_has_its_own_column():
    table = rows(report(12, 11, 6))
    assert table["right"].tolist() == ["12 of 12", "11 of 12", "6 of 12"]
    assert table["of right"].tolist() == ["1 of 6"] * 3


def test_without_opposites_nothing_is_said_of_reversals():
    found = report(12, 11)
    both = replace(found, opposites=(found.labels,))
    assert "and its reversal" in note(both)
    assert "Reversed:" in note(both)
    alone = replace(
        found,
        opposites=(),
        networks=tuple(replace(network, reversed=None) for network in found.networks),
    )
    assert "reversal" not in note(alone)
    assert "Reversed" not in note(alone)
    assert "reversed" not in rows(alone)
