"""SDM's and MTAM's masks, and AGM's gates, as numbers a frame (or its channels) and path.

When does the network look, and which stream wins: alpha, the gate's response, each stream's share.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64
from torch import Tensor

from maagn.checkpoint import CheckpointInfo, Model
from maagn.nn.agm import AdaptiveGating, in_parts
from maagn.nn.maagn import MAAGN
from maagn.shown import percent, plural, spread
from maagn.types import Explanation, ForwardTrace


@dataclass(frozen=True)
class Quantity:
    """A mask or a gate of a path, by all the names that it goes by: one number a frame.

    Attributes:
        name: in files of results, in runs' tables and among a path's intermediates.
        key: what it is called in `explanation.json`, and where parts are switched off.
        tap: in its path; for alpha, which no clip changes, the parameter.
        symbol: of the paper, in LaTeX.
        equation: of the paper, which defines it.
        module: `SDM`, `MTAM` or `AGM`: whose colour it has (`maagn.figures.palette`).
        angle: of MTAM's masks, what each is of; empty for the others.
        bounds: between which its numbers lie; None where there are none.
    """

    name: str
    key: str
    tap: str
    symbol: str
    equation: int
    module: str
    angle: str = ""
    bounds: tuple[float, float] | None = None

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.module}, {self.angle}" if self.angle else self.module

    def on(self, path: int) -> str:
        """Name of its tap on a path, among a trace's."""
        return f"paths.{path}.{self.tap}"


_UNIT = (0.0, 1.0)
SDM = Quantity("sdm", "sdm", "sdm.mask", "F^{*}", 5, "SDM", bounds=_UNIT)
MTAM_ANGLES = (
    Quantity("mtam_max", "max", "mtam.mask_max", "M_1", 7, "MTAM", "maximum", _UNIT),
    Quantity("mtam_avg", "avg", "mtam.mask_avg", "M_2", 9, "MTAM", "mean", _UNIT),
    Quantity("mtam_both", "both", "mtam.mask_both", "M_3", 12, "MTAM", "both", _UNIT),
)
MTAM = Quantity(
    "mtam", "sum", "mtam.sum", "(M_1 + M_2 + M_3)", 13, "MTAM", "sum", bounds=(0.0, 3.0)
)
GATE = Quantity("gate", "agm", "agm.gated", "Y_0", 15, "AGM")  # its mean magnitude
ALPHA = Quantity("alpha", "alpha", "agm.gate.alpha", r"\alpha", 14, "AGM")

MASKS = (SDM, *MTAM_ANGLES, MTAM)
"""In the order in which the paper has them."""


def modules_missing(card: CheckpointInfo, *, all_masks: bool) -> str | None:
    """Why a network's SDM, MTAM and AGM are not those of Eqs. 1-16; None where they are.

    Args:
        card: of the network.
        all_masks: whether MTAM without one of its three masks (Table 5) is refused too.
    """
    spec = card.spec
    if not card.paths or spec.fusion != "agm":
        return f"{card.name} has no SDM, MTAM and AGM: choose a MAAGN."
    if spec.sdm_combine != "residual":
        return (
            f"{card.name}'s SDM is the variant {spec.sdm_combine} of Table 4, for which Eq. 6 does "
            "not hold: choose a MAAGN with residual."
        )
    if all_masks and spec.mtam_masks != "all":
        return (
            f"{card.name}'s MTAM is the variant {spec.mtam_masks} of Table 5, without all of the "
            "masks of Eqs. 7-12: choose a MAAGN with all."
        )
    return None


def masks(model: Model, trace: ForwardTrace) -> list[Explanation]:
    """Every mask of every path, shallow path first; empty for networks without masks.

    A mask m weighs frame t as X + X * m: SDM's (Eq. 5) and MTAM's three (Eqs. 7, 9, 12) lie in
    (0, 1), the sum of MTAM's (Eq. 13) in (0, 3). Values are one per frame, or per frame and channel
    in a network whose `pooling` is `channel`.
    """
    found = []
    for path in range(len(trace.path_seconds)):
        for mask in MASKS:
            name = mask.on(path)
            if name not in trace.taps:
                continue
            values = trace.taps[name][0, :, :, 0, 0].detach().float().cpu().numpy()
            of_channels = model.spec.pooling == "channel"
            found.append(
                Explanation(
                    kind=mask.module.lower(),
                    name=name,
                    values=values if of_channels else values[:, 0],
                    axes=("time", "channel") if of_channels else ("time",),
                    unit="",
                    bounds=mask.bounds,
                    signed=False,
                    seconds=trace.path_seconds[path],
                    about={
                        "title": mask.title,
                        "clip": trace.clip.digest,
                        "checkpoint": model.digest,
                    },
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

    def __repr__(self) -> str:
        if self.silent:
            return f"GateResponse of path {self.path}: silent, alpha is 0"
        low, high = (percent(float(end(self.shares[2]))) for end in (np.min, np.max))
        return (
            f"GateResponse of path {self.path}: {plural(len(self.alpha), 'frame')}, "
            f"alpha {spread(self.alpha)}, {low} to {high} of the feature"
        )


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
    with torch.no_grad():
        sums = [
            torch.stack([
                torch.linalg.vector_norm(term, ord=1, dim=(0, 2, 3))  # sum of |term|
                for term in agm.terms(*parts)
            ])
            for parts in zip(*(in_parts(x[0]) for x in (s, m, gated)), strict=True)
        ]  # fmt: skip
    found = torch.stack(sums).cpu().double().sum(dim=0).numpy()  # some devices have no doubles
    total = found.sum(axis=0)
    part = np.divide(found, total, out=np.zeros_like(found), where=total > 0)
    return part.astype(np.float32)


def _magnitude(x: Float[Tensor, "1 t c h w"]) -> Float32[np.ndarray, " t"]:
    return x.abs().mean(dim=(0, 2, 3, 4)).float().cpu().numpy()
