"""Masks that have one number per channel of a frame, cell by cell: the clip's, and its own part."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Float

from app import audits, cache, elements
from maagn.checkpoint import CheckpointInfo
from maagn.explain.attention import MTAM, MTAM_ANGLES, SDM, Quantity
from maagn.explain.intermediates import PathIntermediates
from maagn.figures.channels import ORDER, channel_heat

_CLIP, _OWN_PART = "this clip", "this clip minus the average"
_HEADING = {False: "weights", True: "weights minus their averages"}
_OF_MTAM = {mask.angle: mask for mask in (MTAM, *MTAM_ANGLES)}


def show(
    model: CheckpointInfo, intermediates: PathIntermediates, *, chosen: tuple[int, int]
) -> None:
    """SDM's mask and one of MTAM's, side by side.

    Args:
        model: whose masks are of channels.
        intermediates: of the path.
        chosen: frame and channel that the page's equations are about.
    """
    path, level = intermediates.path, intermediates.level
    st.subheader("Channel by channel", anchor=False)
    left, right = st.columns(2, vertical_alignment="bottom")
    averages = {mask.name: _average(model, mask, path) for mask in (SDM, *_OF_MTAM.values())}
    known = all(average is not None for average in averages.values())
    shown = _CLIP
    if known:
        shown = left.segmented_control(
            "Heat of", [_CLIP, _OWN_PART], default=_CLIP, required=True, key=f"heat{path}"
        )
    own_part = shown == _OWN_PART
    angle = right.segmented_control(
        "Mask of MTAM", list(_OF_MTAM), default=MTAM.angle, required=True, key=f"angle{path}"
    )
    st.caption(_caption(model, own_part=own_part, known=known, channel=chosen[1]))
    for column, mask in zip(st.columns(2, gap="medium"), (SDM, _OF_MTAM[str(angle)]), strict=True):
        with column:
            _draw(
                mask,
                intermediates,
                average=averages[mask.name],
                own_part=own_part,
                chosen=chosen,
                title=f"{mask.title}, path res{level}: {_HEADING[own_part]}",
            )


def _average(model: CheckpointInfo, mask: Quantity, path: int) -> Float[np.ndarray, "t c"] | None:
    found = audits.average_of(model, mask, path)
    return None if found is None else np.array(found, dtype=np.float64)


def _caption(model: CheckpointInfo, *, own_part: bool, known: bool, channel: int) -> str:
    parts = [f"A column is a frame, a row a channel; channels are {ORDER}."]
    if own_part:
        parts.append(
            "What is shown is the weight minus the channel's average in that frame over many "
            "clips: orange is more, blue less, white the same."
        )
    if not known:
        parts.append(
            "No averages of channels are known for "
            f"{elements.markdown(model.name)}, so that this clip's own part cannot be told: "
            "`maagn audit NAME --out FOLDER` measures them."
        )
    parts.append(f"The equations below are about the framed cell, in channel {channel}.")
    return " ".join(parts)


def _draw(
    mask: Quantity,
    intermediates: PathIntermediates,
    *,
    average: Float[np.ndarray, "t c"] | None,
    own_part: bool,
    chosen: tuple[int, int],
    title: str,
) -> None:
    weights = intermediates.tensors[mask.name].astype(np.float64)
    frames, channels = weights.shape
    assert mask.bounds is not None
    draw = partial(
        channel_heat,
        seconds=intermediates.seconds,
        bounds=mask.bounds,
        average=average if own_part else None,
        chosen=chosen,
    )
    content = (
        one.tobytes() for one in (weights, intermediates.seconds, average) if one is not None
    )
    key = ("channels", mask.name, weights.shape, own_part, chosen, *content)
    figure = cache.figure(key, lambda: draw(weights))
    arrays = {"weights": weights, "seconds": intermediates.seconds}
    table = pd.DataFrame(
        {
            "frame": np.repeat(np.arange(frames), channels),
            "seconds": np.repeat(intermediates.seconds, channels),
            "channel": np.tile(np.arange(channels), frames),
            "weight": weights.ravel(),
        }
    )
    if average is not None:
        arrays["average"], table["average"] = average, average.ravel()
    elements.figure(
        figure,
        key=f"heat-{mask.name}",
        title=title,
        alt=f"Of {channels} channels in {frames} frames the {_HEADING[own_part]}, as colours",
        table=table,
        arrays=arrays,
    )
