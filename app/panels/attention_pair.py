"""What SDM subtracts at one frame, and where the largest change was."""

import streamlit as st

from maagn.explain.intermediates import PathSteps
from maagn.explain.report import Report
from maagn.figures.clips import difference, marked
from maagn.video.transform import source_rectangle


def show(report: Report, found: PathSteps, frame: int) -> None:
    """Frame t, frame t + T/2 and their difference, with the place of the maximum outlined."""
    half, pair = found.frames // 2, found.pair(frame)
    rate = report.model.spec.rates[found.path]
    pictures = report.inputs.pictures
    front, back = pictures[pair * rate], pictures[(pair + half) * rate]
    channel, row, column = found.origin[pair]
    rows, columns = found.tensors["Fm"].shape[2:]
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
    value = found.tensors["Fmax"][pair]
    hidden = ", ".join(f"{one:.3g}" for one in found.tensors["hidden"])
    left.markdown(
        f"The largest change of the pair is **{value:.3g}**, in channel {channel} at row {row + 1} "
        f"of {rows}, column {column + 1} of {columns}: the outlined place, pixels "
        f"{part.left:.0f} to {part.left + part.width:.0f} across and {part.top:.0f} to "
        f"{part.top + part.height:.0f} down in the source. The cell sees more around it than its "
        f"own square.\n\nAll {half} maxima go through the MLP (hidden: {hidden}) and give one mask "
        f"value a frame: **{found.tensors['sdm'][frame]:.3g}** for frame {frame}."
    )
