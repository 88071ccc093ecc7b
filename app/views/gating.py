"""Which stream wins? AGM of one path: alpha, the gate's response, each stream's share."""

from functools import partial

import numpy as np
import streamlit as st

from app import audits, cache, elements, page, session
from app.controls import AUTOMATIC
from app.elements import markdown
from app.networks import choose_where
from app.predictions import Answer
from app.selection import Selection
from app.views import formulas, recorded
from app.views.recorded import answers_of
from app.views.stage import moment_of, player_view, time_charts
from maagn.checkpoint import CheckpointInfo
from maagn.evaluate.results import class_means
from maagn.explain.attention import GATE
from maagn.explain.equations import equations
from maagn.explain.intermediates import PathIntermediates
from maagn.explain.report import Report
from maagn.figures.gates import by_class, over_epochs
from maagn.figures.palette import MODULES


def show(answer: Answer, intermediates: PathIntermediates, selection: Selection) -> int:
    """In a sentence, over time, over training, in formulas, over the classes.

    Returns:
        The path's frame that the equations are about.
    """
    report = answer.reports[0]
    elements.words(_sentence(report, intermediates), key="sentence")
    verdict = audits.verdicts(
        report.model, (GATE,), intermediates.path, data=recorded.data_of(selection)
    )
    elements.words(verdict, key="verdict")
    charts = time_charts(answer, with_masks=False)
    elements.player(player_view(answer, charts=charts, moment=selection.moment), key="player")
    half = intermediates.frames // 2
    rate = report.model.spec.rates[intermediates.path]
    frame = min(moment_of(answer, selection.moment) // rate, intermediates.frames - 1)
    formulas.show(equations(intermediates, frame)[13:])
    st.caption(
        f"At frame {frame} of path res{intermediates.level}, where SDM found the largest change of "
        f"frames {intermediates.pair(frame)} and {intermediates.pair(frame) + half}."
    )
    _training(report)
    _classes(answer, selection)
    return frame


def _sentence(report: Report, intermediates: PathIntermediates) -> str:
    gate = report.gates[intermediates.path]
    if gate.silent:
        return (
            f"**Alpha is zero on path res{intermediates.level}: its gate adds nothing.** The path "
            "is a convolution of the two streams' sum, as at the beginning of training."
        )
    spatial, temporal, own = gate.shares.mean(axis=1)
    return (
        f"On path res{intermediates.level} the temporal stream makes **{temporal:.0%}** of the "
        f"fused feature, the spatial stream **{spatial:.0%}** and the gate **{own:.0%}**, over the "
        f"path's {len(gate.alpha)} frames. Alpha reaches {np.abs(gate.alpha).max():.3g}."
    )


def _keeps_alpha(card: CheckpointInfo) -> bool:
    history = card.provenance.history
    return bool(history) and "alpha.paths.0" in history[0]


def _training(report: Report) -> None:
    history = report.model.provenance.history
    levels = report.model.spec.levels
    lines = {
        f"res{level}": [float(row[f"alpha.paths.{i}"]) for row in history]
        for i, level in enumerate(levels)
        if history and f"alpha.paths.{i}" in history[0]
    }
    if not lines:
        elements.dead_end(
            "This checkpoint keeps no record of alpha over its training. Others do:",
            key="alpha",
            ways=choose_where(_keeps_alpha),
        )
        return
    elements.figure(
        cache.figure(
            ("alpha", report.model.digest), lambda: over_epochs(lines, unit="mean |alpha|")
        ),
        key="alpha",
        title="Alpha over training: it begins at zero",
        alt=f"Mean magnitude of alpha after each of {len(history)} epochs, one line per path",
        arrays={name: np.array(values) for name, values in lines.items()},
    )


def _classes(answer: Answer, selection: Selection) -> None:
    model = answer.reports[0].model
    predictions = answers_of(selection, model.name)
    if predictions is None and selection.run is not None:
        elements.dead_end(
            f"The chosen run holds no predictions of {markdown(model.name)}: choose another run, "
            "or a network of this one.",
            key="run",
            ways={f"Choose {AUTOMATIC}": partial(session.choose_later, "run", AUTOMATIC)},
        )
        return
    if predictions is None:
        recorded.show((model.name,))
        return
    if predictions.gate is None:
        elements.dead_end(
            "The predictions on record were stored without the gates' responses. An evaluation "
            "with one view a clip keeps them; so does this command:",
            key="gates",
            ways={"Evaluate on Data": partial(page.open_data, "Evaluate")},
        )
        st.code(f"{recorded.command((model.name,))} --reversed", language="bash", wrap_lines=True)
        return
    means = class_means(predictions, selection.path)
    here = answer.question.clip.label
    elements.figure(
        cache.figure(
            ("gate", means.gate.tobytes(), means.gate_spread.tobytes(), here),
            lambda: by_class(
                predictions.labels,
                means.gate,
                means.gate_spread,
                unit="mean magnitude of the gate's output",
                colour=MODULES["AGM"],
                here=here,
            ),
        ),
        key="gate-classes",
        title=f"Gate response by class, {recorded.counted(means.clips, predictions.split)}",
        alt="One dot per class, greatest first, with one standard deviation over the class's clips",
        arrays={"gate": means.gate, "spread": means.gate_spread},
    )
