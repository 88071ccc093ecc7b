"""What moves between the frames that the networks see."""

import numpy as np
import streamlit as st

from app import exhibit
from app.answer import Answer
from maagn.explain.motion import motion
from maagn.figures.heat import enlarge, flow_pictures
from maagn.types import Explanation

_COLUMNS = 4


def worked(answer: Answer) -> Explanation:
    """The flow of the frames that the first network sees."""
    return motion(answer.reports[0].inputs)


def show(answer: Answer, found: Explanation) -> None:
    """Each frame, and beneath it the flow to the next."""
    inputs = answer.reports[0].inputs
    speed = np.linalg.norm(found.values, axis=3)
    scale = float(speed.max())
    exhibit.words(
        f"Optical flow (DIS) from each frame to the next. Bright is fast, up to **{scale:.0f} "
        f"pixels per second** of the {inputs.pictures.shape[2]} pixels that the networks see; "
        "arrows show where to. No network sees this: it is worked out beside them."
    )
    pictures = enlarge(inputs.pictures)
    flows = flow_pictures(found.values, scale=scale)
    for start in range(0, len(flows), _COLUMNS):
        for column, place in zip(st.columns(_COLUMNS), range(start, len(flows)), strict=False):
            first, second = inputs.seconds[place : place + 2]
            mean = float(speed[place].mean())
            column.image(
                pictures[place], caption=f"{first:.2f} s", width="stretch",
                alt=f"frame at {first:.2f} s",
            )  # fmt: skip
            column.image(
                flows[place], caption=f"to {second:.2f} s, mean {mean:.0f} px/s", width="stretch",
                alt=f"flow from {first:.2f} s to {second:.2f} s, mean {mean:.0f} px/s",
            )  # fmt: skip
