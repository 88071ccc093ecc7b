"""Attention rollout: how much of each place reaches a transformer's last tokens.

Abnar and Zuidema, "Quantifying Attention Flow in Transformers" (ACL 2020). A block's matrix is the
mean of its heads' and, for the tokens that it lets pass by, as much of the identity; the matrices
of all blocks are multiplied. What comes of it knows of no class, and of nothing that the blocks do
to a token beside mixing it with others: it is no map of evidence, and has a name of its own.
"""

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

from maagn.checkpoint import Model
from maagn.errors import UnknownMethod
from maagn.inference import device_of, refuse_not_finite
from maagn.nn.tokens import Tokens
from maagn.types import Explanation, ForwardTrace

TITLE = "Attention rollout"
_LAST = "backbone.res5"  # whose tokens it is that all others reach


def has_rollout(model: Model) -> bool:
    """Whether the network has matrices of the attention that each token pays to each.

    Not Video Swin, whose windows see a part of the clip each; nor MViTv2, whose keys are pooled, so
    that what is attended to is no token of the block before.
    """
    return isinstance(model.network, Tokens)


def rollout(model: Model, trace: ForwardTrace) -> Explanation:
    """What part of the head's input comes from where; the same for every class.

    VideoMAE's head reads the mean of its last tokens, so the rows' mean is taken; V-JEPA 2's reads
    one query of its pooler, which is a row of its own and passes nothing by.

    Args:
        model: the network that was traced.
        trace: its run.

    Returns:
        `values` (t, h, w) on the grid of tubelets, from 0, with a sum of 1.

    Raises:
        UnknownMethod: the network has no such matrices.
        NonFinitePrediction: the numbers are not finite.
    """
    if not isinstance(model.network, Tokens):
        raise UnknownMethod(
            f"{model.name} has no matrices of attention between all tokens of a clip, which "
            "attention rollout needs: VideoMAE and V-JEPA 2 have."
        )
    with torch.inference_mode():
        matrices = model.network.attention_matrices(trace.clip.data.to(device_of(model)))
        flow: Tensor | None = None
        for matrix in matrices:
            passing = _passing(matrix[0].double())
            flow = passing if flow is None else passing @ flow
    assert flow is not None
    t, _, h, w = trace.taps[_LAST].shape[1:]
    values = rearrange(flow.mean(dim=0), "(t h w) -> t h w", t=t, h=h, w=w)
    found = values.cpu().numpy().astype(np.float32)
    refuse_not_finite(model, found, what="map")
    return Explanation(
        kind="rollout",
        name=_LAST,
        values=found,
        axes=("time", "row", "column"),
        unit="",
        bounds=(0.0, 1.0),
        signed=False,
        seconds=trace.seconds_of(_LAST),
        about={
            "method": TITLE,
            "class": None,
            "clip": trace.clip.digest,
            "checkpoint": model.digest,
        },
    )


def _passing(matrix: Float[Tensor, "q k"]) -> Float[Tensor, "q k"]:
    """Half of it attention and half what passes by; the row of a query from outside as it is."""
    if matrix.shape[0] != matrix.shape[1]:
        return matrix
    return (matrix + torch.eye(len(matrix), dtype=matrix.dtype, device=matrix.device)) / 2
