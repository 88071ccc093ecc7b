"""What each network answered: the first thing on the page."""

from collections.abc import Sequence

import streamlit as st

from app.literal import markdown
from app.panels import ranking
from app.panels.stage import network_name, told_apart
from maagn.explain.report import Report
from maagn.figures.layout import percent
from maagn.figures.palette import NETWORKS
from maagn.labels import plain


def show(reports: Sequence[Report], *, truth: str | None) -> None:
    """The five best classes of each network side by side, then the votes of MAAGN's paths.

    Before them stands what is missing in the clip: motion, or anything at all.

    Args:
        reports: one a network.
        truth: the true class, where it is known.
    """
    if truth is not None:
        st.markdown(f"True class: **{markdown(truth)}**")
    for text in dict.fromkeys(text for report in reports for text in report.content_notices):
        st.warning(markdown(text), icon=":material/pause_circle:")
    voting = [report for report in reports if len(report.prediction.path_probabilities)]
    columns = iter(st.columns(len(reports) + len(voting), gap="medium"))
    names = dict(zip(map(id, reports), told_apart(reports), strict=True))
    for report in reports:
        with next(columns):
            _network(report, names[id(report)], truth=truth)
    for report in voting:
        with next(columns):
            _votes(report, names[id(report)])


def _network(report: Report, name: str, *, truth: str | None) -> None:
    best, _ = report.prediction.top(1)[0]
    ranking.show(
        name,
        report.prediction.top(5),
        colour=NETWORKS[network_name(report)],
        note=_verdict(report, best, truth),
    )
    if report.margin is not None:
        st.caption(_margin(report))


def _votes(report: Report, name: str) -> None:
    """What each path would answer by itself; the prediction is the mean of their logits."""
    rows = []
    for level, votes in zip(
        report.model.spec.levels, report.prediction.path_probabilities, strict=True
    ):
        best = int(votes.argmax())
        rows.append((f"res{level}: {report.model.labels[best]}", float(votes[best])))
    colour = NETWORKS[network_name(report)]
    ranking.show(f"{name}'s paths", rows, colour=colour, note="alone would answer")
    silent = [f"res{report.model.spec.levels[gate.path]}" for gate in report.gates if gate.silent]
    if silent:
        st.caption(f"AGM on {', '.join(silent)}: alpha is zero, so the gate adds nothing.")


def _verdict(report: Report, best: str, truth: str | None) -> str:
    if truth is None:
        return ""
    if plain(truth) not in map(plain, report.model.labels):
        return "does not know this class"
    return "✓ right" if plain(best) == plain(truth) else "✗ wrong"


def _margin(report: Report) -> str:
    """How the explained class stands against its opposite."""
    prediction = report.prediction
    other = prediction.probabilities[report.model.labels.index(str(report.opposite))]
    mine = prediction.probabilities[report.target]
    opposite = "its opposite"
    if report.opposite_is_proposed:
        opposite = f"its opposite as proposed from the names, {markdown(str(report.opposite))}"
    return f"{percent(mine)} for the explained class, {percent(other)} for {opposite}."
