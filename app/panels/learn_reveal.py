"""What a step of the tour shows: the bare clip before the prediction, the network's view after."""

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from app import exhibit
from app.panels import facts, ranking
from app.panels.stage import mask_charts, player_view
from app.player import PlayerView
from app.tour.lesson import Lesson
from app.tour.step import Finding, Step
from maagn.figures.clips import reversal_arrows
from maagn.figures.layout import percent
from maagn.figures.palette import NETWORKS

_MASKS = ("SDM mask", "MTAM masks")


def before(step: Step, lesson: Lesson) -> None:
    """The frames without any network's view; in reverse where the step is about that."""
    view = _bare(lesson)
    exhibit.player(_turned(view) if step.panel == "reversal" else view, key="tour-clip")


def after(step: Step, lesson: Lesson, said: tuple[str, ...]) -> None:
    """The finding, beside what the learner predicted, then the live view that it speaks of."""
    _verdict(step, lesson, said)
    match step.panel:
        case "clip":
            exhibit.player(_bare(lesson), key="tour-clip")
        case "networks":
            facts.show(lesson.answer.reports, truth=lesson.truth)
        case "masks":
            exhibit.player(_with_charts(lesson, masks=True), key="tour-masks")
        case "gates":
            exhibit.player(_with_charts(lesson, masks=False), key="tour-gates")
        case "paths":
            _paths(lesson)
        case "evidence":
            exhibit.player(player_view(lesson.answer, charts=()), key="tour-evidence")
        case "reversal":
            _reversal(lesson)


def _verdict(step: Step, lesson: Lesson, said: tuple[str, ...]) -> None:
    finding: Finding = step.finding(lesson)
    mine = ", ".join(said) or "None of them"
    computed = ", ".join(finding.right) or "None of them"
    if not step.scored:
        st.info(f"You said **{mine}**; computed: **{computed}**.", icon=":material/compare_arrows:")
    elif step.right(said, lesson):
        st.success(f"✓ Right: **{mine}**.")
    else:
        st.warning(f"✗ You said **{mine}**; computed: **{computed}**.")
    exhibit.words(finding.words, key="tour-finding")


def _bare(lesson: Lesson) -> PlayerView:
    """The clip alone, under a name that does not tell the action."""
    view = player_view(lesson.answer, charts=())
    return replace(view, title="The tour's clip", overlays=())


def _turned(view: PlayerView) -> PlayerView:
    return replace(
        view,
        title="The same frames, last first",
        note=f"backwards; {view.note}",
        frames=np.ascontiguousarray(view.frames[::-1]),
        positions=np.ascontiguousarray(view.positions[::-1]),
    )


def _with_charts(lesson: Lesson, *, masks: bool) -> PlayerView:
    """MAAGN's map over the clip, with its masks or with its gates beneath."""
    charts = [c for c in mask_charts(lesson.answer) if c.title.startswith(_MASKS) == masks]
    view = player_view(lesson.answer, charts=tuple(charts))
    return replace(view, overlays=view.overlays[:1])


def _paths(lesson: Lesson) -> None:
    report = lesson.maagn
    for column, level, votes in zip(
        st.columns(len(report.model.spec.levels)),
        report.model.spec.levels,
        report.prediction.path_probabilities,
        strict=True,
    ):
        order = np.argsort(-votes, kind="stable")[:5]
        rows = [(report.model.labels[i], float(votes[i])) for i in order]
        with column:
            ranking.show(f"res{level}", rows, colour=NETWORKS["MAAGN"], note="alone would answer")


def _reversal(lesson: Lesson) -> None:
    """Forwards against backwards of every network, then the frames as they were shown."""
    rows = reversal_rows(lesson)
    exhibit.table(rows, key="tour-reversal", title="The same frames, forwards and backwards")
    exhibit.figure(
        reversal_arrows(lesson.reversals, label=lesson.truth, opposite=lesson.opposite),
        key="tour-arrows",
        title=f"{lesson.truth} ↔ {lesson.opposite}",
        alt="How far each network's log ratio of the two opposite actions moves when the frames "
        "are reversed.",
        table=rows,
        arrays={
            f"{name}.{way}": logits
            for name, one in lesson.reversals.items()
            for way, logits in (("forward", one.forward.logits), ("backward", one.backward.logits))
        },
    )
    exhibit.player(_turned(_bare(lesson)), key="tour-turned")


def reversal_rows(lesson: Lesson) -> pd.DataFrame:
    """A row a network: both answers, both log ratios, and the largest change of a logit."""
    rows = []
    for name, found in lesson.reversals.items():
        (one, p), (other, q) = found.forward.top(1)[0], found.backward.top(1)[0]
        there, back = found.margins(lesson.truth, lesson.opposite)
        rows.append(
            {
                "network": name,
                "forwards": f"{one}, {percent(p)}",
                "backwards": f"{other}, {percent(q)}",
                "log ratio forwards": f"{there:+.2f}",
                "log ratio backwards": f"{back:+.2f}",
                "largest change of a logit": f"{found.change:.2g}",
            }
        )
    return pd.DataFrame(rows)
