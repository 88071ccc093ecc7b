"""When does the network look? SDM and MTAM of one path, step by step, on one clip."""

import numpy as np
import streamlit as st
from jaxtyping import Float

from app import audits, elements
from app.components.player import Mark, Series, TimeChart
from app.predictions import Answer
from app.selection import Selection
from app.views import channels, formulas
from app.views.recorded import answers_of, data_of
from app.views.stage import ANGLES, moment_of, player_view, weight
from maagn.errors import ResultsError
from maagn.evaluate.results import class_means
from maagn.explain.attention import MTAM, MTAM_ANGLES, SDM, Quantity
from maagn.explain.equations import equations
from maagn.explain.intermediates import PathIntermediates
from maagn.explain.report import Report
from maagn.figures.clips import difference, marked
from maagn.video.transform import source_rectangle

_FEW_UNITS = 8  # of a hidden layer, whose values are told one by one
_SHOWN: tuple[tuple[Quantity, Mark], ...] = ((SDM, "bars"), (MTAM, "solid"))


def charts(
    answer: Answer, intermediates: PathIntermediates, selection: Selection
) -> tuple[TimeChart, ...]:
    """SDM, MTAM's three angles, and their sum, each in a column of its own."""
    weights, seconds = intermediates.per_frame, intermediates.seconds.astype(np.float64)
    label = answer.question.clip.label or answer.reports[0].label
    means = _means(answer, selection, label)
    model, path = answer.reports[0].model, intermediates.path
    sdm, total = (
        [
            Series(
                "this clip",
                mask.module,
                seconds,
                weights(mask.name),
                mark,
                band=audits.band_of(model, mask, path),
                faint=audits.constant(model, mask, path),
            )
        ]
        for mask, mark in _SHOWN
    )
    if means is not None:
        for lines, mask, mean in ((sdm, SDM, means[0]), (total, MTAM, means[1])):
            faint = audits.constant(model, mask, path)
            lines.append(Series("class mean", mask.module, seconds, mean, "dashed", faint=faint))
    three = tuple(
        Series(
            angle.angle,
            angle.module,
            seconds,
            weights(angle.name),
            mark,
            faint=audits.constant(model, angle, path),
        )
        for angle, mark in ANGLES
    )
    unit, group = weight(answer.reports[0].model), f"SDM, path res{intermediates.level}"
    return (
        TimeChart("SDM mask", f"{unit}, 0 to 1", 0, 1, tuple(sdm), group),
        TimeChart("MTAM masks", f"{unit}, each 0 to 1", 0, 1, three, "MTAM, three angles"),
        TimeChart("Their sum", f"{unit}, 0 to 3", 0, 3, tuple(total), "MTAM, sum"),
    )


def _means(
    answer: Answer, selection: Selection, label: str
) -> tuple[np.ndarray, np.ndarray] | None:
    """Of the class over the clips on record, where this network was asked about some of it."""
    model = answer.reports[0].model
    predictions = answers_of(selection, model.name)
    if predictions is None or label not in predictions.labels:
        return None
    try:
        means = class_means(predictions, selection.path)
    except ResultsError:
        return None
    number = predictions.labels.index(label)
    return means.sdm[number].astype(np.float32), means.mtam[number].astype(np.float32)


def show_pair(report: Report, intermediates: PathIntermediates, frame: int) -> None:
    """Frame t, frame t + T/2 and their difference, with the place of the maximum outlined."""
    half, pair = intermediates.frames // 2, intermediates.pair(frame)
    rate = report.model.spec.rates[intermediates.path]
    pictures = report.inputs.pictures
    front, back = pictures[pair * rate], pictures[(pair + half) * rate]
    channel, row, column = intermediates.origin[pair]
    rows, columns = intermediates.tensors["Fm"].shape[2:]
    place = {"row": row, "column": column, "rows": rows, "columns": columns}
    shown = (
        (marked(front, **place), f"Frame {pair} of the path, first half"),
        (marked(back, **place), f"Frame {pair + half}, half a clip later"),
        (marked(difference(front, back), **place), "Their difference: orange lighter, blue darker"),
    )
    left, *columns_ = st.columns([2, 1, 1, 1], gap="medium", vertical_alignment="center")
    for at, (picture, words) in zip(columns_, shown, strict=True):
        at.image(picture, caption=words, width="stretch", alt=words)
    part = source_rectangle(report.inputs.crop, **place)
    v = intermediates.tensors
    of = min(channel, v["Fmax"].shape[1] - 1)  # the one column where masks are of frames
    whole = v["Fmax"].shape[1] == 1
    whose, its = ("", "the mask, ") if whole else ("of that channel ", "its mask, ")
    value = v["Fmax"][pair, of]
    hidden = _hidden(v["hidden"][:, of])
    left.markdown(
        f"The largest change of the pair is **{value:.3g}**, in channel {channel} at row {row + 1} "
        f"of {rows}, column {column + 1} of {columns}: the outlined place, pixels "
        f"{part.left:.0f} to {part.left + part.width:.0f} across and {part.top:.0f} to "
        f"{part.top + part.height:.0f} down in the source. The cell sees more around it than its "
        f"own square.\n\nAll {half} maxima {whose}go through the MLP ({hidden}) and give "
        f"{its}one value a frame: **{v[SDM.name][frame, of]:.3g}** for frame {frame}."
    )


def _hidden(units: Float[np.ndarray, " u"]) -> str:
    """The hidden layer in words: each unit, or where there are many how many of them are awake."""
    if len(units) > _FEW_UNITS:
        return f"{len(units)} hidden units, {(units > 0).sum()} of them above zero"
    return f"hidden: {', '.join(f'{unit:.3g}' for unit in units)}"


def show(answer: Answer, intermediates: PathIntermediates, selection: Selection) -> int:
    """The player with this path's masks, then one moment of it: the pair, and Eqs. 1-13.

    Returns:
        The path's frame that the equations are about.
    """
    of_channels = answer.reports[0].model.spec.pooling == "channel"
    st.caption(
        "A mask is one number per frame: when, never where. SDM's lies between 0 and 1, the sum of "
        "MTAM's between 0 and 3; a frame with mask m counts 1 + m times."
        if not of_channels
        else "A mask is one number per channel of a frame: when and what, never where. SDM's lie "
        "between 0 and 1, the sums of MTAM's between 0 and 3; a channel with mask m counts 1 + m "
        "times. The charts show each frame's mean over its channels, the heat every one of them."
    )
    view = player_view(
        answer, charts=charts(answer, intermediates, selection), moment=selection.moment
    )
    elements.player(view, key="player")
    heat = st.container() if of_channels else None
    st.subheader("Does it follow the clip?", anchor=False)
    model = answer.reports[0].model
    masks = (SDM, *MTAM_ANGLES, MTAM)
    verdicts = audits.verdicts(model, masks, intermediates.path, data=data_of(selection))
    elements.words(verdicts, key="verdicts")
    st.subheader("One frame, step by step", anchor=False)
    rate = answer.reports[0].model.spec.rates[intermediates.path]
    frame = st.segmented_control(
        f"Frame of path res{intermediates.level}",
        range(intermediates.frames),
        default=min(moment_of(answer, selection.moment) // rate, intermediates.frames - 1),
        required=True,
        format_func=lambda i: f"{i} · {intermediates.seconds[i]:.2f} s",
        key=f"frame{intermediates.path}",
    )
    chosen = int(frame or 0)
    if heat is not None:
        channel, *_ = intermediates.origin[intermediates.pair(chosen)]
        with heat:
            channels.show(model, intermediates, chosen=(chosen, channel))
    show_pair(answer.reports[0], intermediates, chosen)
    formulas.show(equations(intermediates, chosen)[:13])
    return chosen
