"""Clips of a person's own that a head was fitted without: where its predictions of them lie.

A folder holds the clips and the results together. Its name and a clip's number stand for the clip
in an address.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from app import cache
from app.networks import results_folders
from app.selection import ClipChoice
from maagn.errors import ResultsError
from maagn.evaluate.results import Results

RESULTS = "left-out.parquet"
_MARK = "left-out"


def left_out(folders: Iterable[Path]) -> Iterator[tuple[Results, Path]]:
    """The results in those folders, with their files; what is missing or damaged is left out."""
    for folder in folders:
        path = folder / RESULTS
        try:
            results = cache.results(path)
        except ResultsError:
            continue
        if results.origin.clips is not None:
            yield results, path


def choice(results: Results, folder: Path, number: int) -> ClipChoice:
    """One of the clips, with the link that reopens it.

    Args:
        results: of clips that are files.
        folder: that they lie in.
        number: of a clip that was predicted.
    """
    assert results.origin.clips is not None
    name, first = results.origin.clips[number], results.predictions[0]
    label = first.labels[first.truth[first.clip == number][0]]
    link = f"{_MARK}/{folder.name}/{number}"
    return ClipChoice.of(folder / name, name=name, label=label, root=folder, link=link)


def linked(text: str) -> ClipChoice | None:
    """The clip that a link names; None where there is none."""
    for results, path in left_out(results_folders()):
        for number in results.predictions[0].clip.tolist():
            if text == f"{_MARK}/{path.parent.name}/{number}":
                return choice(results, path.parent, number)
    return None
