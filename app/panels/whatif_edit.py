"""Which edit of the frames: widgets in, an `Edit` out."""

import numpy as np
import streamlit as st
from jaxtyping import UInt8

from app import exhibit, session
from maagn.explain.edits import Edit, Region, drop, freeze, reverse, shuffle, speed, swap_halves
from maagn.figures.clips import frame_to_draw_on

EDITS = ("Reverse", "Shuffle", "Freeze", "Swap halves", "Drop frames", "Mirror", "Speed", "Blur")
_SPEEDS = (0.5, 0.75, 1.5, 2.0)


def choose(kind: str, pictures: UInt8[np.ndarray, "t h w 3"], *, moment: int) -> Edit | None:
    """The edit of that kind; None while something is still to be chosen."""
    frames = len(pictures)
    plain = tuple(range(frames))
    match kind:
        case "Reverse":
            return Edit(reverse(frames))
        case "Shuffle":
            seed = st.number_input("Which shuffle", 0, 999, 0, key="seed", bind="query-params")
            return Edit(shuffle(frames, seed=int(seed)))
        case "Freeze":
            at = st.slider("Frame that stands", 0, frames - 1, moment, key="at")
            return Edit(freeze(frames, at=at))
        case "Swap halves":
            return Edit(swap_halves(frames))
        case "Drop frames":
            gone = st.pills("Frames to drop", plain, selection_mode="multi", key="gone")
            st.caption("A dropped frame shows the nearest one that is left.")
            if not gone or len(gone) == frames:
                st.info("Choose one frame or more, and leave at least one.")
                return None
            return Edit(drop(frames, gone=frozenset(gone)))
        case "Mirror":
            return Edit(plain, mirrored=True)
        case "Speed":
            session.heed_link("pace", _SPEEDS, what="speed")
            factor = st.segmented_control(
                "Pace", _SPEEDS, default=2.0, required=True, key="pace", bind="query-params",
                format_func=lambda x: f"{x:g} ×",
            )  # fmt: skip
            st.caption("Of the sampled frames: faster, the last stands; slower, the end is cut.")
            return Edit(speed(frames, factor=float(factor or 2.0)))
        case _:
            return _blur(pictures[moment], plain)


def _blur(picture: UInt8[np.ndarray, "h w 3"], plain: tuple[int, ...]) -> Edit | None:
    state = exhibit.figure(
        frame_to_draw_on(picture),
        key="region",
        title="Draw a rectangle on the frame",
        alt="The frame at the chosen moment; a rectangle drawn on it is blurred in the clip",
        on_select="rerun",
        selection_mode="box",
    )
    boxes = state.selection.box if state is not None else []
    if boxes:
        x, y = (sorted(min(max(float(v), 0.0), 1.0) for v in boxes[0][axis]) for axis in "xy")
    else:
        st.caption("Or by numbers, in shares of the frame:")
        x = list(st.slider("From left to right", 0.0, 1.0, (0.25, 0.75), key="blur_x"))
        y = list(st.slider("From top to bottom", 0.0, 1.0, (0.25, 0.75), key="blur_y"))
    if x[0] >= x[1] or y[0] >= y[1]:
        st.info("Draw a rectangle with a width and a height.")
        return None
    where = st.pills(
        "Only in frames (none chosen: in all)", plain, selection_mode="multi", key="in"
    )
    return Edit(plain, blurred=Region(x[0], y[0], x[1], y[1]), where=tuple(sorted(where)))
