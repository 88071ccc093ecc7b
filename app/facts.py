"""What a page is about, as every file that is taken from it says it, and the file's name."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import maagn
from app.selection import ClipChoice, Question
from maagn.checkpoint import CheckpointInfo
from maagn.explain.report import Report
from maagn.labels import plain
from maagn.spreadsheet import cell
from maagn.types import Clip

RIGHT, WRONG, UNKNOWN = "✓ right", "✗ wrong", "does not know this class"

_KEPT = "LNM"  # letters, digits, and the marks that belong to letters
_PART_BYTES = 60  # of a file's name; three parts and an ending stay under every system's 255


@dataclass(frozen=True)
class NetworkFacts:
    """One network of a page.

    Attributes:
        name: what people call it on this page.
        checkpoint: name of its file.
        digest: the file's SHA-256, hexadecimal, whole.
        kind: what its architecture is called.
        masks: what is known of its masks, in a line; empty without any.
        trained_on: from its record.
        layer: of its map; empty without one.
        top: its five most probable classes; empty where it was not asked about a clip.
        verdict: whether the first of them is the true class; empty where that is unknown.
    """

    name: str
    checkpoint: str
    digest: str
    kind: str = ""
    masks: str = ""
    trained_on: str = ""
    layer: str = ""
    top: tuple[tuple[str, float], ...] = ()
    verdict: str = ""


@dataclass(frozen=True)
class Facts:
    """What a page is about; empty where it is about no clip, no class or no map.

    Attributes:
        clip: its name.
        section: which part of it networks saw, in words; empty for all of it.
        clip_digest: SHA-256 of the clip's file.
        truth: the true class, where it is known.
        explained: the class whose maps are drawn, with the one that it is set against.
        method: of the maps.
        layer: of the maps, as it was chosen.
        path: the chosen path of MAAGN.
        networks: in the page's order.
    """

    clip: str = ""
    section: str = ""
    clip_digest: str = ""
    truth: str = ""
    explained: str = ""
    method: str = ""
    layer: str = ""
    path: str = ""
    networks: tuple[NetworkFacts, ...] = ()

    def columns(self) -> dict[str, str]:
        """What each row of a table says beside its numbers: what is known of these, in order.

        Several networks share a column, in one order in all of them, parted by semicolons.
        """
        each = self.networks
        layers = dict.fromkeys(one.layer for one in each if one.layer)
        every = {
            "clip": self.clip,
            "section": self.section,
            "true class": self.truth,
            "class explained": self.explained,
            "method": self.method,
            "layer": "; ".join(layers) or self.layer,
            "checkpoint": "; ".join(one.checkpoint for one in each),
            "checkpoint SHA-256": "; ".join(one.digest for one in each),
            "maagn version": maagn.__version__,
        }
        return {name: value for name, value in every.items() if value}

    def arrays(self) -> dict[str, NDArray[np.str_]]:
        """The same as arrays of one text each, a network's under its name."""
        every = {
            "clip": self.clip,
            "section": self.section,
            "true_class": self.truth,
            "class_explained": self.explained,
            "method": self.method,
            "layer": self.layer,
            "maagn_version": maagn.__version__,
        }
        for one in self.networks:
            every |= {
                f"{one.name}.checkpoint": one.checkpoint,
                f"{one.name}.sha256": one.digest,
                f"{one.name}.layer": one.layer,
            }
        return {f"about.{name}": np.array(value) for name, value in every.items() if value}


def section_words(clip: Clip) -> str:
    """Which part of a film a clip is, e.g. `12.40 to 16.40 s of 207.00 s`; empty for all of it."""
    if clip.section is None or clip.film_seconds is None:
        return ""
    return f"{clip.section} of {clip.film_seconds:.2f} s"


def verdict(best: str, truth: str | None, labels: Sequence[str]) -> str:
    """Whether a prediction is right; empty where the true class is unknown."""
    if not truth:
        return ""
    if plain(truth) not in map(plain, labels):
        return UNKNOWN
    return RIGHT if plain(best) == plain(truth) else WRONG


def vote_note(model: CheckpointInfo) -> str:
    """What a path's vote is: its own alone, or with what all paths of the network share."""
    alone = model.spec.votes == "own"
    return "alone would predict" if alone else "with what all paths share, would predict"


def data_of(card: CheckpointInfo) -> str:
    """What a network was trained on, without the file that it began from and its SHA-256."""
    return card.provenance.trained_on.partition(";")[0]


def asked_of(clip: ClipChoice | None, networks: Sequence[tuple[CheckpointInfo, str]]) -> Facts:
    """Before anything is computed, and on pages that are about no single clip.

    Args:
        clip: that the page is about, if any.
        networks: each with a line about its masks.
    """
    return Facts(
        clip=clip.name if clip else "",
        section=str(clip.section) if clip and clip.section else "",
        truth=(clip.label or "") if clip else "",
        networks=tuple(_network(card, card.name, masks) for card, masks in networks),
    )


def answered(
    question: Question, reports: Sequence[Report], names: Sequence[tuple[str, str]]
) -> Facts:
    """What networks predicted, and what their maps are of.

    Args:
        question: that was asked.
        reports: one a network, about one class.
        names: what people call each network, and a line about its masks.
    """
    first = reports[0]
    truth = question.clip.label
    against = "" if first.against is None else f" rather than {first.model.labels[first.against]}"
    return Facts(
        clip=question.clip.name,
        section=section_words(first.clip),
        clip_digest=first.clip.digest,
        truth=truth or "",
        explained=first.label + against,
        method=str(first.cam.about["method"]),
        layer=first.cam.name,
        networks=tuple(
            replace(
                _network(report.model, name, masks),
                layer=report.cam.name,
                top=tuple(report.prediction.top(5)),
                verdict=verdict(report.prediction.top(1)[0][0], truth, report.model.labels),
            )
            for report, (name, masks) in zip(reports, names, strict=True)
        ),
    )


def _network(card: CheckpointInfo, name: str, masks: str) -> NetworkFacts:
    return NetworkFacts(
        name=name,
        checkpoint=card.name,
        digest=card.digest,
        kind=card.architecture.title,
        masks=masks,
        trained_on=card.provenance.trained_on,
    )


def with_columns(frame: pd.DataFrame, facts: Facts) -> str:
    """A table as CSV, with what it is about in columns after its own.

    Columns and not lines of comment before the header: every program that reads CSV reads them,
    and rows of several files can be put under each other. A name that the table has itself gets
    `page: ` before it. Texts that a spreadsheet would run as formulas get an apostrophe.
    """
    about = {
        name if name not in frame.columns else f"page: {name}": value
        for name, value in facts.columns().items()
    }
    return frame.assign(**about).rename(columns=cell).map(cell).to_csv(index=False)


def file_name(*parts: str, ending: str) -> str:
    """A name that every system takes, e.g. `opening-something-2--attention--sdm-res4.csv`.

    Args:
        parts: e.g. the clip's name, the view and what is in the file; those without a letter or a
            digit are left out. A part keeps the letters of its script, in lower case.
        ending: without the dot.
    """
    return f"{'--'.join(_safe(parts)) or 'maagn'}.{ending}"


def clip_part(name: str) -> str:
    """A clip's name as part of a file's: without folders and without the ending of a video."""
    path = PurePath(name.replace("\\", "/"))
    return path.stem if re.fullmatch(r"\.[A-Za-z0-9]{2,4}", path.suffix) else path.name


def _safe(parts: Sequence[str]) -> Iterator[str]:
    for part in parts:
        letters = unicodedata.normalize("NFKC", part).lower()
        kept = (one if unicodedata.category(one)[0] in _KEPT else " " for one in letters)
        whole = "-".join("".join(kept).split())
        # Cut by bytes, which are what file systems count; half a letter at the end is dropped.
        cut = whole.encode()[:_PART_BYTES].decode(errors="ignore").strip("-")
        if cut:
            yield cut
