"""What would MAAGN answer if a module weighed otherwise? The backbone's features are used again.

Switching a module off in a trained network is not a network trained without it: the other layers
expect what they were trained with.
"""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from maagn.checkpoint import Model
from maagn.errors import ModelError
from maagn.explain.attention import GATE, MTAM, MTAM_ANGLES, SDM, Quantity, modules_missing
from maagn.inference import to_prediction
from maagn.nn.agm import AdaptiveGating
from maagn.nn.maagn import MAAGN, Modulated, PathBlock
from maagn.types import ForwardTrace, Prediction

PARTS = tuple(part.key for part in (SDM, *MTAM_ANGLES, GATE))
"""What can be off on a path: SDM, MTAM's three masks, AGM."""

Values = tuple[float | tuple[float, ...] | None, ...]
"""One number per frame, or one per channel of a frame; None where the frame keeps its own."""


@dataclass(frozen=True)
class Intervention:
    """What is different on one path.

    Attributes:
        off: of `PARTS`. SDM off leaves its stream the feature itself, S = X; an MTAM mask off is
            left out of the sum, so that with all three off M = X; AGM off adds the streams,
            Y = S + M (`sum` of Table 3).
        sdm: SDM's mask, one number per frame, for all of its channels, or one per channel; None
            keeps the frame's own; empty keeps all.
        mtam: the sum of MTAM's masks, the same way.
        gate: what each frame's gate output Y0 is multiplied by, the same way.
    """

    off: frozenset[str] = field(default_factory=frozenset)
    sdm: Values = ()
    mtam: Values = ()
    gate: Values = ()

    def __post_init__(self) -> None:
        """A part that is not there cannot be switched off."""
        if not self.off <= set(PARTS):
            raise ValueError(f"on a path, {', '.join(PARTS)} can be off, got {sorted(self.off)}")


Changes = tuple[Intervention, ...]


def change(model: Model, trace: ForwardTrace, changes: Changes) -> Prediction:
    """The answer with those changes, one change per path; without any it is the network's own.

    Runs the changed paths, from their inputs in the trace, and what is behind all paths.

    Raises:
        ModelError: the network has no SDM, MTAM and AGM side by side, or an SDM whose stream is
            not the feature, scaled.
        ValueError: another number of changes than of paths, or of values than of frames.
    """
    missing = modules_missing(model, all_masks=False)
    if missing is not None:
        raise ModelError(missing)
    network = model.network
    assert isinstance(network, MAAGN)  # no other has paths with masks
    if len(changes) != len(network.paths):
        raise ValueError(f"{len(network.paths)} paths need as many changes, got {len(changes)}")
    with torch.no_grad():
        votes = network.votes([_level(network, trace, i, one) for i, one in enumerate(changes)])
    return to_prediction(model, votes.mean(dim=1), votes)


def _level(
    network: MAAGN, trace: ForwardTrace, index: int, intervention: Intervention
) -> Modulated:
    """The path as the votes need it: as it was, where nothing is changed."""
    if intervention == Intervention():
        return network.recorded(index, trace.taps)
    return network.modulate(index, _path(network, trace, index, intervention))


def _path(
    network: MAAGN, trace: ForwardTrace, index: int, intervention: Intervention
) -> Float[Tensor, "1 t c h w"]:
    path = network.paths[index]
    assert isinstance(path, PathBlock)  # with AGM, hence with both streams
    agm = path.agm
    assert isinstance(agm, AdaptiveGating)
    taps = {
        name.removeprefix(f"paths.{index}."): x.detach()
        for name, x in trace.taps.items()
        if name.startswith(f"paths.{index}.")
    }
    x = taps["input"]
    off = intervention.off
    spatial = torch.zeros_like(taps[SDM.tap]) if SDM.key in off else taps[SDM.tap]
    temporal = torch.zeros_like(taps[MTAM.tap])
    for angle in MTAM_ANGLES:
        if angle.tap in taps and angle.key not in off:
            temporal = temporal + taps[angle.tap]
    spatial = 1 + _overwritten(spatial, intervention.sdm)
    temporal = 1 + _overwritten(temporal, intervention.mtam)
    if GATE.key in off:
        return x * (spatial + temporal)
    factor = _overwritten(spatial.new_ones(1, spatial.shape[1], 1, 1, 1), intervention.gate)
    return agm.forward_fast(x, spatial=spatial, temporal=temporal, factor=factor)


def mask_values(trace: ForwardTrace, quantity: Quantity, path: int) -> Values:
    """A mask as `Intervention` takes it, e.g. to put one clip's in the place of another's."""
    mask = trace.taps[quantity.on(path)].detach()[0, :, :, 0, 0]
    return tuple(row[0] if len(row) == 1 else tuple(row) for row in mask.tolist())


def _overwritten(mask: Float[Tensor, "1 t _c 1 1"], values: Values) -> Float[Tensor, "1 t _c 1 1"]:
    if not values:
        return mask
    if len(values) != mask.shape[1]:
        raise ValueError(f"{mask.shape[1]} frames need as many values, got {len(values)}")
    new = mask.clone()
    for frame, value in enumerate(values):
        if value is not None:
            new[0, frame, :, 0, 0] = torch.as_tensor(value, dtype=new.dtype, device=new.device)
    return new
