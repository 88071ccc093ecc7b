"""Which clips does a network take for alike? A map of all clips, and the nearest of each."""

import shlex
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Bool, Float64, Int64

from app import cache, elements, runs, session
from app.jobs import Job
from app.views import notebook, recorded
from app.views.errors import show_clips
from app.views.neighbour_layers import layers
from app.views.recorded import Recorded
from app.work import worked_out
from maagn.evaluate.neighbours import (
    Neighbours,
    ReducedFeatures,
    among_opposite,
    nearest,
    opposite_share,
    reduce_features,
)
from maagn.evaluate.predictions import Predictions, sureness
from maagn.evaluate.runs import RENDERED
from maagn.evaluate.store import ANSWERS
from maagn.evaluate.stored_features import has_features, read_features
from maagn.figures.layout import letters, percent
from maagn.figures.neighbours import NAMED, Layer, clip_map
from maagn.teach.report import SPLIT

Stored = tuple[Path, str]
"""A run's table that has features, and the network's name in it."""


@dataclass(frozen=True, eq=False)
class ClipSpace:
    """All clips of a run as a network's features, or its logits, place them.

    Attributes:
        width: numbers of each clip that it was made of.
        reduced: their principal components.
        neighbours: of each clip.
        share: of its neighbours that are of its opposite, in [0, 1].
    """

    width: int
    reduced: ReducedFeatures
    neighbours: Neighbours
    share: Float64[np.ndarray, " n"]

    @property
    def marked(self) -> Bool[np.ndarray, " n"]:
        """Clips that lie among their opposite's."""
        return among_opposite(self.share)


def show(results: Recorded, predictions: Predictions) -> None:
    """The map, what is chosen on it, and the clips that lie among their opposite's."""
    stored = stored_features(results, predictions)
    elements.python(notebook.neighbours(results.sources[predictions.model], stored))
    key = _key(results, predictions, stored)
    space = worked_out(key, lambda job: clip_space(predictions, stored, job), height=700)
    if space is None:
        return
    chosen = session.near(set(predictions.clip.tolist()))
    row = None if chosen is None else int(np.flatnonzero(predictions.clip == chosen)[0])
    drawn = layers(results, predictions, space.marked)
    # What is chosen is not drawn: a changed figure is a new one, of the whole map.
    selected, clicked = _map(key, results, predictions, space, drawn)
    _say(results, predictions, space, stored)
    if clicked is not None and session.changed("map-click", clicked) and clicked != row:
        _choose(predictions, clicked)
    if len(selected):
        order = np.argsort(-sureness(predictions, selected), kind="stable")
        title = "Selected on the map"
        show_clips(results, predictions, selected[order], title=title, key="map-selection")
    if row is None:
        st.info(
            "Click a point: the clip and its nearest neighbours appear here. The lasso and the box "
            "above the map select many."
        )
    else:
        _show_neighbours(results, predictions, space, row)
    if (predictions.opposites >= 0).any():
        _show_marked(results, predictions, space)


def stored_features(results: Recorded, predictions: Predictions) -> Stored | None:
    """The table of a run that kept features of these clips: their own, or one of the same clips.

    Rendered clips are the same wherever they have the same number in the same split.
    """
    source = results.sources[predictions.model]
    if source.file is not None:
        folder = source.file if source.file.is_dir() else source.file.parent
        if has_features(folder / ANSWERS):
            return folder / ANSWERS, source.model
    if results.of_files:
        return None
    digest = results.results.origin.digests[predictions.model]
    for run in (choice.stored for choice in runs.choices().values()):
        if run is None or run.plan.layout != RENDERED or not run.plan.features:
            continue
        plan, table = run.plan, run.folder / ANSWERS
        same = plan.split == predictions.split and plan.clips > predictions.clip.max()
        if same and digest in plan.digests and has_features(table):
            return table, plan.models[plan.digests.index(digest)]
    return None


def clip_space(predictions: Predictions, stored: Stored | None, job: Job) -> ClipSpace:
    """Reduce the features, and find every clip's neighbours.

    Raises:
        ResultsError: the features cannot be read.
    """
    job.step(0.0, "Reading features")
    features = (
        predictions.logits
        if stored is None
        else read_features(stored[0], stored[1], predictions.clip)
    )
    doing = "Finding principal components"
    reduced = reduce_features(features, step=lambda part: job.step(0.1 + 0.3 * part, doing))
    near = nearest(
        reduced.vectors, step=lambda part: job.step(0.4 + 0.6 * part, "Finding neighbours")
    )
    share = opposite_share(near, predictions.truth, predictions.opposites)
    return ClipSpace(features.shape[1], reduced, near, share)


def _key(
    results: Recorded, predictions: Predictions, stored: Stored | None
) -> tuple[Hashable, ...]:
    """What the space is made from: other weights, another run, another table are another."""
    file = results.sources[predictions.model].file
    digest = results.results.origin.digests[predictions.model]
    stamps = [
        path.stat().st_mtime_ns if path is not None and path.exists() else 0
        for path in (file, None if stored is None else stored[0])
    ]
    return ("neighbours", digest, predictions.split, len(predictions), file, stored, *stamps)


def _say(
    results: Recorded, predictions: Predictions, space: ClipSpace, stored: Stored | None
) -> None:
    """What the map is made of, and what it leaves out."""
    explained = space.reduced.explained
    parts = percent(float(explained[:2].sum())), percent(float(explained.sum()))
    what = "numbers that the network's classifiers read" if stored else "logits"
    elements.caption(
        f"Each point is a clip, placed by its {space.width} {what}, standardised. The map shows "
        f"two principal components, {parts[0]} of the variance, so clips that meet on it may be "
        f"far apart. Neighbours are the nearest by {len(explained)} components ({parts[1]}).",
        key="map-about",
    )
    if stored is None:
        command = _command(results, predictions)
        how = " This command keeps features:" if command else ""
        st.caption(f"There are no features of these clips, so logits stand for them.{how}")
        if command:
            st.code(command, language="bash", wrap_lines=True)


def _command(results: Recorded, predictions: Predictions) -> str | None:
    """What keeps features of the clips; None of left-out ones, of which each has another head."""
    if predictions.split == SPLIT:
        return None
    if results.of_files:
        return f"{recorded.command((predictions.model,))} --features"
    return (
        f"maagn evaluate --model {shlex.quote(predictions.model)} --split {predictions.split} "
        f"--per-class {-(-len(predictions) // len(predictions.labels))} --features"
    )


def _map(
    key: tuple[Hashable, ...],
    results: Recorded,
    predictions: Predictions,
    space: ClipSpace,
    drawn: list[Layer],
) -> tuple[Int64[np.ndarray, " n"], int | None]:
    """Draw the map; the rows within a lasso or a box, and the one that was clicked."""

    def make() -> Any:  # noqa: ANN401 - Plotly's
        few = len(predictions) <= NAMED
        return clip_map(
            space.reduced.plane,
            drawn,
            explained=space.reduced.explained,
            numbers=predictions.clip,
            texts=_texts(results, predictions) if few else None,
        )

    looks = tuple((one.name, one.rows.tobytes(), one.symbol) for one in drawn)
    state = elements.figure(
        cache.figure((*key, hash(looks)), make),
        key="clip-map",
        title="All clips: click one, or draw around many",
        alt="Scatter plot of all clips by two principal components; diamonds are clips among their "
        "opposite's, which the table below lists",
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
    )
    if state is None or not state.selection.points:
        return np.zeros(0, np.int64), None
    selection = state.selection
    rows = np.unique(
        [drawn[one["curve_number"]].rows[one["point_index"]] for one in selection.points]
    )
    if selection.box or selection.lasso:
        return rows, None
    return np.zeros(0, np.int64), int(rows[0])


def _texts(results: Recorded, predictions: Predictions) -> list[str]:
    return [
        f"{letters(results.clip_name(clip))}<br>{letters(predictions.labels[true])}<br>"
        f"predicted {letters(predictions.labels[answered])}"
        for clip, true, answered in zip(
            *(part.tolist() for part in (predictions.clip, predictions.truth, predictions.answer)),
            strict=True,
        )
    ]


def _choose(predictions: Predictions, row: int) -> None:
    session.put_near(int(predictions.clip[row]))
    st.rerun()


def _show_neighbours(
    results: Recorded, predictions: Predictions, space: ClipSpace, row: int
) -> None:
    """One clip, and the ones that lie nearest to it."""
    near = space.neighbours.rows[row]
    name = results.clip_name(int(predictions.clip[row]))
    show_clips(results, predictions, np.array([row]), title=f"Chosen: {name}", key="near")
    if not len(near):
        st.caption("There is no other clip.")
        return
    frame = _rows(results, predictions, near).assign(
        distance=[f"{distance:.3g}" for distance in space.neighbours.distances[row]]
    )
    elements.table(frame, key="near-table", title=f"The {len(near)} nearest to it, nearest first")
    show_clips(results, predictions, near, title="Its nearest neighbours", key="near-clips")


def _rows(
    results: Recorded, predictions: Predictions, rows: Int64[np.ndarray, " n"]
) -> pd.DataFrame:
    labels = np.array(predictions.labels, dtype=object)
    right = predictions.answer[rows] == predictions.truth[rows]
    return pd.DataFrame(
        {
            "clip": [results.clip_name(int(clip)) for clip in predictions.clip[rows]],
            "class": labels[predictions.truth[rows]],
            "predicted": labels[predictions.answer[rows]],
            "": np.where(right, "✓ right", "✗ wrong"),
        }
    )


def _show_marked(results: Recorded, predictions: Predictions, space: ClipSpace) -> None:
    """Clips most of whose neighbours are of the opposite; a row of the table chooses one."""
    rows = np.flatnonzero(space.marked)
    rows = rows[np.argsort(-space.share[rows], kind="stable")]
    if not len(rows):
        st.caption("No clip lies among its opposite's.")
        return
    count = space.neighbours.rows.shape[1]
    frame = _rows(results, predictions, rows).assign(
        **{"of the opposite": [f"{round(count * part)} of {count}" for part in space.share[rows]]}
    )
    state = elements.table(
        frame,
        key="among-opposite",
        title=f"Clips among their opposite's: {len(rows):,}",
        on_select="rerun",
        selection_mode="single-row",
    )
    st.caption(
        "More than half of the neighbours of such a clip are of the opposite class. Choose a row "
        "to see which."
    )
    picked = state.selection.rows if state is not None else []
    if picked and session.changed("marked-row", picked[0]):
        _choose(predictions, int(rows[picked[0]]))
    title = "Clips among their opposite's, most of its neighbours first"
    show_clips(results, predictions, rows, title=title, key="marked")
