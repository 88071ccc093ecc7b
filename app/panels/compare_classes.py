"""Two networks, a class at a time: Figure 8, all classes, and a click that chooses one."""

import pandas as pd
import streamlit as st

from app import exhibit, session
from app.panels.compare_choice import Duel
from app.panels.compare_table import COLUMNS, readable
from maagn.evaluate.compare import gains, table
from maagn.figures.comparison import class_scatter, gain_chart

_TOP = 10  # classes of the paper's Figure 8
TEN, ALL = "Ten greatest gains", "All classes"


def show(duel: Duel) -> None:
    """The gains, then the classes as points and as rows; a click on either chooses the class."""
    rows = table(gains(duel.first.answers, duel.second.answers))
    chart, points = st.columns(2, gap="large")
    with chart:
        _gains(duel, rows)
    with points:
        clicked = _points(duel, rows)
    _choose("point", rows, clicked)
    _choose("row", rows, _rows(duel, rows))


def _gains(duel: Duel, rows: pd.DataFrame) -> None:
    first, second = duel.first.name, duel.second.name
    some = st.segmented_control(
        "Classes", [TEN, ALL], default=TEN, required=True, key="gains", bind="query-params"
    )
    shown = rows if some == ALL else rows.head(_TOP)
    exhibit.figure(
        gain_chart(shown, first=first, second=second, colours=duel.colours),
        key="gain-chart",
        title=f"Where {first} gains over {second} ({'n'} = {_sample(rows)} a class)",
        alt=f"Gain of {first} over {second} in percentage points, with 95 % intervals: greatest "
        f"for {rows['classes'].iloc[0]}, {100 * rows['gain'].iloc[0]:+.0f} points.",
        table=shown,
    )
    exhibit.words(
        f"The paper's Figure 8, for these two networks. Filled: the 95 % interval leaves out zero. "
        f"The greatest of {len(rows)} gains are picked here: on other clips, expect less.",
        key="gains-note",
    )


def _points(duel: Duel, rows: pd.DataFrame) -> int | None:
    first, second = duel.first.name, duel.second.name
    better = int((rows["gain"] > 0).sum())
    worse = int((rows["gain"] < 0).sum())
    state = exhibit.figure(
        class_scatter(rows, first=first, second=second, colours=duel.colours),
        key="class-scatter",
        title=f"All {len(rows)} classes: click one for its clips (n = {_sample(rows)} a class)",
        alt=f"Each class at the share of its clips that {second} (across) and {first} (up) have "
        f"right: {first} is ahead in {better} classes, {second} in {worse}.",
        table=rows,
        on_select="rerun",
        selection_mode="points",
    )
    exhibit.words(
        f"Above the dotted line {first} is right more often ({better} classes), below it {second} "
        f"({worse}).",
        key="scatter-note",
    )
    chosen = state.selection.points if state else []
    return int(chosen[0]["point_index"]) if chosen else None


def _rows(duel: Duel, rows: pd.DataFrame) -> int | None:
    with st.expander("The same as a table: click a row for its clips", expanded=False):
        state = exhibit.table(
            readable(rows, duel, what="class"),
            key="class-table",
            title="Classes",
            column_config=COLUMNS,
            height="content",
            on_select="rerun",
            selection_mode="single-row",
        )
    chosen = state.selection.rows if state else []
    return int(chosen[0]) if chosen else None


def _choose(where: str, rows: pd.DataFrame, place: int | None) -> None:
    """A new click wins over what was chosen before; one that stands does not come back."""
    label = None if place is None else str(rows["classes"].iloc[place])
    if session.changed(f"compare-{where}", label) and label is not None:
        session.put_choice("class_", label)


def _sample(rows: pd.DataFrame) -> str:
    least, most = int(rows["clips"].min()), int(rows["clips"].max())
    return str(least) if least == most else f"{least} to {most}"
