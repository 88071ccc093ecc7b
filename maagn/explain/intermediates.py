"""Every intermediate of Eqs. 1-16 on one path, worked out again from what the taps kept."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64
from torch import Tensor

from maagn.checkpoint import Model
from maagn.errors import ModelError
from maagn.explain.attention import modules_missing
from maagn.nn.agm import AdaptiveGating
from maagn.nn.maagn import MAAGN
from maagn.nn.mtam import TemporalAttention
from maagn.nn.sdm import SpatialDifference
from maagn.types import ForwardTrace

Numbers = Float32[np.ndarray, "..."]


@dataclass(frozen=True, eq=False)
class PathIntermediates:
    """What one path computed from a clip.

    Attributes:
        path: its number, shallow first.
        level: the backbone's stage that it begins at.
        seconds: time of each of its frames.
        tensors: by the symbols of the paper, first axis time: `X`, `Fm` (T/2, C, H, W), `Ysdm`,
            `Ymtam`, `Z`, `inner`, `Y0`, `conv2`, `Y`; `alpha` (T); and what is pooled, (T/2 or T,
            1), or (T/2 or T, C) where the masks are of channels: `Fmax`, `hidden`, `sdm_logit`,
            `sdm`; `top`, `mean`, `top_logit`, `mean_logit`, `mtam_max`, `mtam_avg`, `both_logit`,
            `mtam_both`, `mtam`.
        origin: channel, row and column at which each of `Fmax` was found.
    """

    path: int
    level: int
    seconds: Float64[np.ndarray, " t"]
    tensors: dict[str, Numbers]
    origin: tuple[tuple[int, int, int], ...]

    @property
    def frames(self) -> int:
        """T of the path."""
        return len(self.seconds)

    def per_frame(self, name: str) -> Float32[np.ndarray, " t"]:
        """A mask by its symbol: one number per frame, the mean where it is made of channels."""
        return self.tensors[name].mean(axis=1)

    def pair(self, frame: int) -> int:
        """Which difference a frame takes part in: frame t and frame t + T/2 share one."""
        return frame % (self.frames // 2)


def steps(model: Model, trace: ForwardTrace, path: int) -> PathIntermediates:
    """Work out one path's intermediates with the network's own weights.

    Raises:
        ModelError: the network has no path with SDM, MTAM and AGM, or variants of them for which
            the paper's equations do not hold.
    """
    missing = modules_missing(model, all_masks=True)
    if missing is not None:
        raise ModelError(missing)
    network = model.network
    assert isinstance(network, MAAGN)  # no other has paths with masks
    one = network.paths[path]
    assert isinstance(one.sdm, SpatialDifference)
    assert isinstance(one.mtam, TemporalAttention)
    assert isinstance(one.agm, AdaptiveGating)
    x = trace.taps[f"paths.{path}.input"].detach()
    with torch.no_grad():
        found = {"X": x} | _sdm(one.sdm, x) | _mtam(one.mtam, x)
        found |= _agm(one.agm, found["Ysdm"], found["Ymtam"])
    difference = found["Fm"][0].flatten(1)
    shape = found["Fm"].shape[2:]
    places = [np.unravel_index(int(flat.argmax()), tuple(shape)) for flat in difference]
    return PathIntermediates(
        path=path,
        level=model.spec.levels[path],
        seconds=trace.path_seconds[path],
        tensors={name: tensor[0].float().cpu().numpy() for name, tensor in found.items()},
        origin=tuple((int(c), int(row), int(column)) for c, row, column in places),
    )


def _sdm(sdm: SpatialDifference, x: Float[Tensor, "1 t c h w"]) -> dict[str, Tensor]:
    """Intermediates of SDM, Eqs. 1-6, by symbol."""
    front, back = x.chunk(2, dim=1)
    difference = back - front
    largest = sdm.change(x)
    hidden = sdm.squeeze(largest).relu()
    logit = sdm.expand(hidden)
    return {
        "Fm": difference,
        "Fmax": largest.flatten(2),
        "hidden": hidden.flatten(2),
        "sdm_logit": logit.flatten(2),
        "sdm": torch.sigmoid(logit).flatten(2),
        "Ysdm": sdm(x),
    }


def _mtam(mtam: TemporalAttention, x: Float[Tensor, "1 t c h w"]) -> dict[str, Tensor]:
    """Intermediates of MTAM, Eqs. 7-13, by symbol."""
    top, mean = mtam.angles_of(x)
    top_logit, mean_logit = mtam.mlp(top), mtam.mlp(mean)
    both = mtam.joint(torch.cat([mean_logit, top_logit], dim=1).flatten(2))
    masks = mtam.masks(x)
    return {
        "top": top.flatten(2),
        "mean": mean.flatten(2),
        "top_logit": top_logit.flatten(2),
        "mean_logit": mean_logit.flatten(2),
        "both_logit": both.flatten(2),
        **{f"mtam_{angle}": mask.flatten(2) for angle, mask in masks.items()},
        "mtam": mtam.total(x).flatten(2),
        "Ymtam": mtam(x),
    }


def _agm(
    agm: AdaptiveGating, s: Float[Tensor, "1 t c h w"], m: Float[Tensor, "1 t c h w"]
) -> dict[str, Tensor]:
    """Intermediates of AGM, Eqs. 14-16, by symbol."""
    z = torch.softmax(agm.conv1(torch.cat([s, m], dim=1)), dim=1)
    gated = agm.gate(z)
    return {
        "alpha": agm.gate.alpha.detach().flatten(1),
        "Z": z,
        "inner": agm.gate.inner(z),
        "Y0": gated,
        "conv2": agm.conv2(gated + m),
        "Y": agm(s, m),
    }
