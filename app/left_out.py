"""Clips of a person's own that a head was fitted without: where its predictions of them lie.

The name of the results' folder and the clip's path stand for the clip in an address: numbers are
others when a collection is taught again.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from app import cache
from app.networks import results_folders
from app.selection import ClipChoice
from maagn.errors import ResultsError
from maagn.evaluate.results import Results, clips_folder
from maagn.teach.report import LEFT_OUT

_MARK = "left-out"


def left_out(folders: Iterable[Path]) -> Iterator[tuple[Results, Path]]:
    """The results in those folders, with their files; what is missing or damaged is left out."""
    for folder in folders:
        path = folder / LEFT_OUT
        try:
            results = cache.results(path)
        except ResultsError:
            continue
        if results.origin.clips is not None:
            yield results, path


def choice(results: Results, path: Path, number: int) -> ClipChoice:
    """One of the clips, with the link that reopens it.

    Args:
        results: of clips that are files.
        path: of the file of results.
        number: of a clip that was predicted.
    """
    assert results.origin.clips is not None
    first, folder = results.predictions[0], clips_folder(path, results.origin)
    label = first.labels[first.truth[first.clip == number][0]]
    link = f"{_MARK}/{path.parent.name}/{results.origin.clips[number]}"
    return ClipChoice.of(
        folder / results.origin.clips[number],
        name=results.origin.clip_name(number),
        label=label,
        root=folder,
        link=link,
    )


def linked(text: str) -> ClipChoice | None:
    """The clip that a link names; None where there is none."""
    for results, path in left_out(results_folders()):
        for number in results.predictions[0].clip.tolist():
            found = choice(results, path, number)
            if found.link == text:
                return found
    return None
