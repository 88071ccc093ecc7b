"""What each network predicted, the first thing on the page: progress, the player, the facts."""

import html
from collections.abc import Sequence

import streamlit as st

from app import audits, elements
from app.elements import markdown
from app.facts import verdict, vote_note
from app.predictions import Answer
from app.selection import Selection
from app.views.stage import network_name, player_view, told_apart
from maagn.explain.report import Report
from maagn.figures.layout import percent
from maagn.figures.palette import colour

_ROW = (
    '<li style="position:relative;display:flex;justify-content:space-between;gap:8px;margin:2px 0;'
    'padding:2px 6px;border-radius:3px;overflow:hidden">'
    '<span style="position:absolute;inset:0 auto 0 0;width:{width:.1f}%;background:{colour};'
    'opacity:.24"></span>'
    '<span style="position:relative">{label}</span>'
    '<span style="position:relative;white-space:nowrap;font-variant-numeric:tabular-nums">'
    "{percent}</span></li>"
)
_LIST = '<ol style="list-style:none;margin:4px 0 0;padding:0;font-size:.85rem">{}</ol>'


def show_ranking(
    title: str,
    rows: Sequence[tuple[str, float]],
    *,
    colour: str,
    note: str = "",
    open_rows: int | None = None,
    more: str = "",
) -> None:
    """A heading under its network's colour, and one bar per row.

    Args:
        title: the network, e.g. `MAAGN`.
        rows: text and probability in [0, 1].
        colour: as `#RRGGBB`.
        note: what follows the title.
        open_rows: that are seen at once, the others unfold; None for all.
        more: a sentence that unfolds with the others.
    """
    items = [
        _ROW.format(
            width=100 * probability,
            colour=colour,
            label=html.escape(label),
            percent=html.escape(percent(probability)),
        )
        for label, probability in rows
    ]
    seen, folded = items[:open_rows], items[len(items[:open_rows]) :]
    rest = ""
    if folded or more:
        words = f"{len(folded)} more" if folded else "more"
        rest = (
            '<details style="font-size:.85rem;margin-top:2px">'
            f'<summary style="cursor:pointer;opacity:.85">{words}</summary>'
            f'{_LIST.format("".join(folded))}<p style="margin:4px 0 0">{html.escape(more)}</p>'
            "</details>"
        )
    st.html(
        f'<section style="border-top:4px solid {colour};padding-top:4px;line-height:1.3">'
        f'<b style="font-size:1.15rem">{html.escape(title)}</b> '
        f"<span>{html.escape(note)}</span>"
        f"{_LIST.format(''.join(seen))}{rest}</section>"
    )


def show_facts(reports: Sequence[Report], *, truth: str | None, folded: bool = False) -> None:
    """The five best classes of each network side by side, then the votes of MAAGN's paths.

    Before them stands what is missing in the clip: motion, or anything at all.

    Args:
        reports: one a network.
        truth: the true class, where it is known.
        folded: whether the best class alone is seen at once, and the others unfold.
    """
    if truth is not None:
        whole = "" if reports[0].clip.section is None else " of the whole clip"
        st.markdown(f"True class{whole}: **{markdown(truth)}**")
    for text in dict.fromkeys(text for report in reports for text in report.content_notices):
        st.warning(markdown(text), icon=":material/pause_circle:")
    voting = [report for report in reports if len(report.prediction.path_probabilities)]
    columns = iter(st.columns(len(reports) + len(voting), gap="medium"))
    names = dict(zip(map(id, reports), told_apart(reports), strict=True))
    for report in reports:
        with next(columns):
            _network(report, names[id(report)], truth=truth, folded=folded)
    for report in voting:
        with next(columns):
            _votes(report, names[id(report)], folded=folded)


def _network(report: Report, name: str, *, truth: str | None, folded: bool) -> None:
    best, _ = report.prediction.top(1)[0]
    show_ranking(
        name,
        report.prediction.top(5),
        colour=colour(network_name(report)),
        note=verdict(best, truth, report.model.labels),
        open_rows=1 if folded else None,
        more=_margin(report) if folded and report.margin is not None else "",
    )
    if report.margin is not None and not folded:
        st.caption(markdown(_margin(report)))


def _votes(report: Report, name: str, *, folded: bool) -> None:
    """What each path would answer; the prediction is the mean of their logits."""
    rows = []
    for level, votes in zip(
        report.model.spec.levels, report.prediction.path_probabilities, strict=True
    ):
        best = int(votes.argmax())
        rows.append((f"res{level}: {report.model.labels[best]}", float(votes[best])))
    worn = colour(network_name(report))
    show_ranking(
        f"{name}'s paths",
        rows,
        colour=worn,
        note=vote_note(report.model),
        open_rows=0 if folded else None,
    )
    silent = [f"res{report.model.spec.levels[gate.path]}" for gate in report.gates if gate.silent]
    if silent:
        st.caption(f"AGM on {', '.join(silent)}: alpha is zero, so the gate adds nothing.")


def _margin(report: Report) -> str:
    """How the explained class stands against its opposite."""
    prediction = report.prediction
    other = prediction.probabilities[report.model.labels.index(str(report.opposite))]
    mine = prediction.probabilities[report.target]
    opposite = "its opposite"
    if report.opposite_is_proposed:
        opposite = f"its opposite as proposed from the names, {report.opposite}"
    return f"{percent(mine)} for the explained class, {percent(other)} for {opposite}."


def show(answer: Answer, selection: Selection) -> None:
    """Draw what the networks say, then the clip with their maps, masks and gates."""
    show_facts(answer.reports, truth=answer.question.clip.label, folded=True)
    elements.player(player_view(answer, moment=selection.moment), key="player")
    for report in answer.reports:
        if audit := audits.audit_of(report.model):
            name = report.model.name
            elements.caption(
                f"{markdown(name)}'s masks, over {audit.clips:,} clips: "
                f"{audit.masks.sentence} The area behind a mask is where nine of ten clips lie; "
                "pale is what does not depend on the clip, or to no effect.",
                key=f"masks-{name}",
            )
            with st.expander(f"{markdown(name)}, each mask and gate"):
                elements.words(audits.sentences(audit), key=f"sentences-{name}")
    if not any(report.model.paths for report in answer.reports):
        kinds = dict.fromkeys(network_name(report) for report in answer.reports)
        st.caption(
            f"There are no masks and gates to draw over time: {', '.join(kinds)} "
            f"{'has' if len(kinds) == 1 else 'have'} none. The map alone tells when."
        )
