"""What is known of the clips that a network was asked about: the factors that slices are made of.

Of rendered clips, what they were drawn with. Of files, what was measured of them, the folder that
each lies in, and the columns that a person has given.
"""

import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path, PurePosixPath

import pandas as pd
import streamlit as st

from app import cache, elements
from app.elements import markdown
from app.jobs import Job
from app.views.recorded import Recorded
from app.work import QUEUE, worked_out
from maagn.data.columns import Columns, called, read_columns
from maagn.data.measure import MEASURES
from maagn.data.measures import kept_measures, measured
from maagn.data.registry import MEASURES as TABLE
from maagn.data.registry import Registered, registered
from maagn.data.videos import Video
from maagn.errors import ColumnsError
from maagn.evaluate.predictions import Predictions
from maagn.evaluate.results import clips_folder
from maagn.evaluate.slices import NOT_FACTORS, clips_of, factor_table

_TURN_SECONDS = 8.0  # of measuring before other visitors' questions are answered
_MEGABYTES = 20  # of a CSV


def of_rendered(predictions: Predictions) -> pd.DataFrame:
    """The clips' factors in the order of the answers; those that are not kept are worked out."""
    keys = pd.DataFrame(
        {"split": predictions.split, "clip": predictions.clip, "label": predictions.truth}
    )
    kept = cache.factors()
    found = keys.merge(kept, on=["split", "clip", "label"], how="left", validate="1:1")
    return found if found["name"].notna().all() else factor_table(clips_of(predictions))


def of_files(results: Recorded, predictions: Predictions) -> pd.DataFrame:
    """One row a clip in the order of the answers: folder, measures, and columns that were given.

    Draws what is not known yet: a button that measures the clips, and a field for a CSV.
    """
    origin, file = results.results.origin, next(iter(results.sources.values())).file
    assert origin.clips is not None
    assert file is not None  # only the benchmark's came with the explorer
    paths = [origin.clips[number] for number in predictions.clip.tolist()]
    names = [origin.clip_name(number) for number in predictions.clip.tolist()]
    beside = file if file.is_dir() else file.parent  # a run is a folder
    folder = clips_folder(beside / TABLE, origin)
    sets = [kept for kept in registered() if kept.folder.resolve() == folder.resolve()]
    tables = (*(kept.measures for kept in sets), beside / TABLE)
    pictures = next((kept.pictures for kept in sets), None)
    clips = tuple(
        Video(name, folder / path, None, root=folder, pictures=pictures)
        for name, path in zip(names, paths, strict=True)
    )
    found = _kept(clips, tuple((table, _stamp(table)) for table in tables))
    _offer_to_measure(clips, found, tables)
    factors = pd.DataFrame({"folder": [str(PurePosixPath(path).parent) for path in paths]})
    for name in MEASURES:
        factors[name] = found[name.replace(" ", "_")]
    keys = [called(name, path) for name, path in zip(names, paths, strict=True)]
    for columns in _given(sets, keys):
        for name in map(str, columns.table):
            taken = name in factors or name in NOT_FACTORS
            factors[f"{name} (CSV)" if taken else name] = columns.table[name]
    return factors


def _stamp(path: Path) -> int:
    return path.stat().st_mtime_ns if path.is_file() else 0


@lru_cache(maxsize=4)
def _kept(clips: tuple[Video, ...], tables: tuple[tuple[Path, int], ...]) -> pd.DataFrame:
    return kept_measures(clips, [table for table, _ in tables])


def _offer_to_measure(
    clips: tuple[Video, ...], found: pd.DataFrame, tables: tuple[Path, ...]
) -> None:
    """The button, and how far the measuring is, while there are clips that were not measured."""
    missing = int(found["reason"].isna().sum())
    failed = found[found["reason"].fillna("") != ""]
    if len(failed):
        st.caption(
            f"{len(failed):,} of these clips cannot be measured; the first: "
            f"{markdown(str(failed['reason'].iloc[0]))}"
        )
    if not missing:
        return
    key = ("measure", tables, hash(clips))
    st.caption(
        f"{missing:,} of {len(clips):,} clips have not been measured yet: their length, size, "
        "brightness, contrast, motion, the camera's shake and the number of cuts."
    )
    asked = st.button("Measure the clips", icon=":material/straighten:")
    job = QUEUE.find(key)
    if asked and job is not None and job.done:
        QUEUE.forget(key)  # it was stopped, or failed: begin anew
    if not asked and job is None:
        return
    while missing:
        left = worked_out(key, lambda job: _measure(job, clips, tables), height=120)
        if left is None:
            return
        QUEUE.forget(key)
        missing = left
    st.rerun()


class _TurnIsOver(Exception):
    """Others wait; what is left is asked for anew, and comes after them."""


def _measure(job: Job, clips: tuple[Video, ...], tables: tuple[Path, ...]) -> int:
    """Measure for a while; returns how many clips are left."""
    begun = time.monotonic()
    told: list[int] = []  # first the clips that need no measuring

    def tell(done: int, total: int) -> None:
        job.step(done / total, f"{done:,} of {total:,} clips measured")
        told.append(done)
        late = time.monotonic() - begun > _TURN_SECONDS
        if late and told[0] < done < total:
            raise _TurnIsOver

    with suppress(_TurnIsOver):
        measured(clips, tables[-1], also=tables[:-1], retry=False, report=tell)
    return len(clips) - told[-1]


def _given(sets: list[Registered], clips: list[tuple[str, ...]]) -> list[Columns]:
    """A registered set's own columns, and those of a CSV that the visitor brings along."""
    sources: list[tuple[str, Path | bytes]] = [
        (f"The CSV of {kept.name}", kept.columns) for kept in sets if kept.columns.is_file()
    ]
    with st.expander("Slice by columns of your own"):
        given = st.file_uploader(
            "A CSV with a column `id` and what else is known of each clip",
            type="csv",
            max_upload_size=_MEGABYTES,
            key="slice-columns",
        )
    if given is not None:
        sources.append((given.name, given.getvalue()))
    found = []
    for name, source in sources:
        try:
            columns = read_columns(source, clips, name=name)
        except ColumnsError as error:
            if isinstance(source, bytes):  # a set may be of other clips of the same folder
                elements.show(error)
            continue
        found.append(columns)
        if columns.without:
            st.caption(
                f"{markdown(name)} has no line of {columns.without:,} of {len(clips):,} clips."
            )
    return found
