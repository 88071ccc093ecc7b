"""SDM's and MTAM's masks, and AGM's gates, as numbers a frame and path.

When does the network look, and which stream wins: alpha, the gate's response, each stream's share.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64
from torch import Tensor

from maagn.checkpoint import Model
from maagn.nn.agm import AdaptiveGating, in_parts
from maagn.nn.maagn import MAAGN
from maagn.types import Explanation, ForwardTrace

MASKS = {
    "sdm.mask": ("SDM", (0.0, 1.0)),
    "mtam.mask_max": ("MTAM, maximum", (0.0, 1.0)),
    "mtam.mask_avg": ("MTAM, mean", (0.0, 1.0)),
    "mtam.mask_both": ("MTAM, both", (0.0, 1.0)),
    "mtam.sum": ("MTAM, sum", (0.0, 3.0)),
}


def masks(model: Model, trace: ForwardTrace) -> list[Explanation]:
    """Every mask of every path, shallow path first; empty for networks without masks.

    A mask m weighs frame t as X + X * m: SDM's (Eq. 5) and MTAM's three (Eqs. 7, 9, 12) lie in
    (0, 1), the sum of MTAM's (Eq. 13) in (0, 3).
    """
    found = []
    for path in range(len(trace.path_seconds)):
        for part, (title, bounds) in MASKS.items():
            name = f"paths.{path}.{part}"
            if name not in trace.taps:
                continue
            found.append(
                Explanation(
                    kind=part.partition(".")[0],
                    name=name,
                    values=trace.taps[name].detach().float().cpu().flatten().numpy(),
                    axes=("time",),
                    unit="",
                    bounds=bounds,
                    signed=False,
                    seconds=trace.path_seconds[path],
                    about={"title": title, "clip": trace.clip.digest, "checkpoint": model.digest},
                )
            )
    return found


@dataclass(frozen=True, eq=False)
class GateResponse:
    """What one path's AGM did with a clip.

    Attributes:
        path: index of the path, shallow first.
        seconds: time of each of its frames.
        alpha: the learned gate parameter of Eq. 14, one a frame; zeros at first.
        response: mean magnitude of the gate's output Y0 (Eq. 15) a frame, over channels and place.
        shares: what part of the fused feature each stream makes, a frame: rows are the spatial
            stream S, the temporal stream M and the gate's Y0; each column sums to 1.
        silent: alpha is zero everywhere, so the gate adds nothing: an untrained AGM.
    """

    path: int
    seconds: Float64[np.ndarray, " t"]
    alpha: Float32[np.ndarray, " t"]
    response: Float32[np.ndarray, " t"]
    shares: Float32[np.ndarray, "3 t"]
    silent: bool


def gates(model: Model, trace: ForwardTrace) -> list[GateResponse]:
    """The gate of every path, shallow first; empty for networks without AGM.

    The trace keeps them, since they are the same for every class that is asked about.
    """
    return list(trace.kept.get("gates", lambda: _gates(model, trace)))


def _gates(model: Model, trace: ForwardTrace) -> list[GateResponse]:
    if not isinstance(model.network, MAAGN) or model.spec.fusion != "agm":
        return []
    found = []
    for index, path in enumerate(model.network.paths):
        agm = path.agm
        assert isinstance(agm, AdaptiveGating)
        s, m, gated = (
            trace.taps[f"paths.{index}.agm.{part}"].detach() for part in ("s", "m", "gated")
        )
        alpha = agm.gate.alpha.detach().float().cpu().flatten().numpy()
        found.append(
            GateResponse(
                path=index,
                seconds=trace.path_seconds[index],
                alpha=alpha,
                response=_magnitude(gated),
                shares=shares(agm, s, m, gated),
                silent=not alpha.any(),
            )
        )
    return found


def shares(
    agm: AdaptiveGating,
    s: Float[Tensor, "1 t c h w"],
    m: Float[Tensor, "1 t c h w"],
    gated: Float[Tensor, "1 t c h w"],
) -> Float32[np.ndarray, "3 t"]:
    """Part of the fused feature that each stream makes, a frame.

    Eq. 16, Y = Conv3(S + Conv2(Y0 + M)), is linear in S, M and Y0, so that Y is exactly the sum of
    Conv3(S), Conv3(Conv2(M)), Conv3(Conv2(Y0)) and a bias that no stream owns. A share is one
    term's mean magnitude over the three terms' together.
    """
    sizes = torch.zeros(3, s.shape[1], dtype=torch.float64, device=s.device)
    with torch.no_grad():
        for parts in zip(*(in_parts(x[0]) for x in (s, m, gated)), strict=True):
            for size, term in zip(sizes, agm.terms(*parts), strict=True):
                size += torch.linalg.vector_norm(term, ord=1, dim=(0, 2, 3))  # sum of |term|
    found = sizes.cpu().numpy()
    total = found.sum(axis=0)
    part = np.divide(found, total, out=np.zeros_like(found), where=total > 0)
    return part.astype(np.float32)


def _magnitude(x: Float[Tensor, "1 t c h w"]) -> Float32[np.ndarray, " t"]:
    return x.abs().mean(dim=(0, 2, 3, 4)).float().cpu().numpy()
