"""What would a batch's logits be with other masks and gates? The backbone runs once a batch.

`maagn.explain.interventions` changes numbers of one clip for a person; here masks and gates of any
network with paths, whatever its fusion and the shape of its masks, are replaced by whole tensors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from maagn.checkpoint import CheckpointInfo, Model
from maagn.errors import ModelError
from maagn.explain.attention import GATE, MTAM, MTAM_ANGLES, SDM, Quantity
from maagn.inference import device_of
from maagn.nn.agm import AdaptiveGating
from maagn.nn.maagn import MAAGN, Modulated, PathBlock
from maagn.nn.mtam import TemporalAttention
from maagn.nn.sdm import SpatialDifference
from maagn.nn.taps import Tap, record, replace

QUANTITIES: tuple[Quantity, ...] = (SDM, *MTAM_ANGLES, MTAM, GATE)
"""Of a path, in the order in which the paper has them: what can be replaced."""

BOTH_MASKS, EVERYTHING = "masks", "all"
"""Keys of what is replaced on all paths at once, beside those of `SDM`, `MTAM` and `GATE`."""

_Z = "agm.z"


@dataclass(frozen=True)
class Part:
    """What is replaced at once: a mask or gate of one path, or several on all paths.

    Attributes:
        path: index of the path, shallow first; None for all of them.
        key: of a path, the quantity's `key`; of all paths, that of SDM, MTAM or the gate, or
            `masks` (SDM and MTAM) or `all`.
        quantities: what is replaced on each of its paths.
        title: for people.
    """

    path: int | None
    key: str
    quantities: tuple[Quantity, ...]
    title: str

    def on(self, path: int) -> tuple[Quantity, ...]:
        """What of a path is replaced."""
        return self.quantities if self.path in (None, path) else ()


def quantities_of(model: CheckpointInfo) -> tuple[Quantity, ...]:
    """The masks and gates that each path of a network has.

    Raises:
        ModelError: it has none.
    """
    spec = model.spec
    fusion = spec.fusion if model.paths else "none"
    found: list[Quantity] = []
    if fusion not in ("none", "mtam"):
        found.append(SDM)
    if fusion not in ("none", "sdm"):
        found += [
            angle
            for angle in MTAM_ANGLES
            if spec.mtam_masks == "all" or angle.key in spec.mtam_masks.split("+")
        ]
        found.append(MTAM)
    if fusion == "agm":
        found.append(GATE)
    if not found:
        raise ModelError(f"{model.name} has no masks and no gates: choose a MAAGN.")
    return tuple(found)


def parts(model: CheckpointInfo) -> tuple[Part, ...]:
    """Everything that can be replaced: of each path, shallow first; then of all paths together.

    Raises:
        ModelError: the network has no masks and no gates.
    """
    own = quantities_of(model)
    single = [
        Part(path, quantity.key, (quantity,), f"res{level} {quantity.title}")
        for path, level in enumerate(model.spec.levels)
        for quantity in own
    ]
    streams = tuple(quantity for quantity in (SDM, MTAM) if quantity in own)
    groups = [Part(None, one.key, (one,), f"{one.module}, all paths") for one in streams]
    if len(streams) > 1:
        groups.append(Part(None, BOTH_MASKS, streams, "SDM and MTAM, all paths"))
    if GATE in own:
        groups.append(Part(None, GATE.key, (GATE,), "AGM, all paths"))
        groups.append(Part(None, EVERYTHING, (*streams, GATE), "everything"))
    return (*single, *groups)


@dataclass(frozen=True, eq=False)
class LiveBatch:
    """One forward pass of a batch, and what is needed to change it behind the backbone.

    Attributes:
        logits: the network's own.
        inputs: X of each path, (n, t, c, h, w), shallow first.
        levels: each path as the votes need it, as it was.
        values: masks and gates by the name of their tap: masks (n, t, 1, 1, 1) or (n, t, c, 1, 1),
            AGM's Y0 (n, t, c, h, w).
        one_hot: share of the places of each path at which the largest value of the softmax of
            Eq. 15 is over 0.99; no columns without AGM.
        active: of each path and of `SDM` and `MTAM`, which hidden units of the mask's MLP are
            above zero anywhere, by (path, key).
    """

    logits: Float[Tensor, "n k"]
    inputs: tuple[Float[Tensor, "n _t _c _h _w"], ...]
    levels: tuple[Modulated, ...]
    values: dict[str, Tensor]
    one_hot: Float[Tensor, "n _p"]
    active: dict[tuple[int, str], Bool[Tensor, "n _u"]]


def run_live(model: Model, clips: Float[Tensor, "n 3 t h w"]) -> LiveBatch:
    """One forward pass, without gradients.

    Raises:
        ModelError: the network has no masks and no gates.
    """
    own = quantities_of(model)
    network = _network(model)
    with torch.inference_mode(), record(network) as taps:
        logits = network(clips.to(device_of(model)))
    with torch.inference_mode():
        paths = range(len(network.paths))
        inputs = tuple(taps[f"paths.{path}.input"] for path in paths)
        soft = [taps[f"paths.{path}.{_Z}"] for path in paths if f"paths.{path}.{_Z}" in taps]
        one_hot = [(z.amax(dim=1) > 0.99).float().mean(dim=(1, 2, 3)) for z in soft]
        return LiveBatch(
            logits=logits,
            inputs=inputs,
            levels=tuple(network.recorded(path, taps) for path in paths),
            values={one.on(path): taps[one.on(path)] for path in paths for one in own},
            one_hot=torch.stack(one_hot, dim=1) if one_hot else logits.new_empty(len(logits), 0),
            active={
                (path, key): active
                for path in paths
                for key, active in _active(network, path, inputs[path], taps).items()
            },
        )


def hidden_units(model: Model) -> dict[tuple[int, str], int]:
    """How many hidden units the MLP of each path's SDM and MTAM has, by (path, key)."""
    found = {}
    for index, path in enumerate(_network(model).paths):
        assert isinstance(path, PathBlock)
        if hasattr(path, "sdm"):
            found[index, SDM.key] = path.sdm.squeeze.out_channels
        if hasattr(path, "mtam"):
            found[index, MTAM.key] = _first(path.mtam).out_channels
    return found


def logits_with(
    model: Model,
    live: LiveBatch,
    asked: Sequence[Part],
    values: Mapping[str, Tensor],
) -> list[Float[Tensor, "n k"]]:
    """The logits of a batch with each part replaced in turn, all else live.

    Every path is run once for each set of things that is replaced on it, from its input X; what is
    behind the paths once for each part. A mask that is computed from what another one weighed
    (fusions `sdm>mtam` and `mtam>sdm`) follows from that one's replacement.

    Args:
        model: whose batch it is.
        live: of `run_live`.
        asked: of `parts`.
        values: by the name of the tap, what takes the place: rows of the batch, or one row for all.
    """
    network = _network(model)
    count = len(live.logits)
    levels: dict[tuple[int, tuple[Quantity, ...]], Modulated] = {}

    def level(path: int, changed: tuple[Quantity, ...]) -> Modulated:
        if not changed:
            return live.levels[path]
        if (path, changed) not in levels:
            own = {one: _rows(values[one.on(path)], count) for one in changed}
            fused = _fused(network, path, live.inputs[path], own)
            levels[path, changed] = network.modulate(path, fused)
        return levels[path, changed]

    paths = range(len(network.paths))
    with torch.inference_mode():
        return [
            network.votes([level(path, part.on(path)) for path in paths]).mean(dim=1)
            for part in asked
        ]


def _network(model: Model) -> MAAGN:
    assert isinstance(model.network, MAAGN)  # no other has paths
    return model.network


def _rows(value: Tensor, count: int) -> Tensor:
    return value.expand(count, *value.shape[1:])


def _fused(
    network: MAAGN, index: int, x: Float[Tensor, "n t c h w"], own: Mapping[Quantity, Tensor]
) -> Float[Tensor, "n t c h w"]:
    """A path's feature with some of its masks and gates replaced."""
    path = network.paths[index]
    assert isinstance(path, PathBlock)
    taps: dict[Tap, Tensor] = {}
    for quantity, value in own.items():
        tap = path.get_submodule(f"{quantity.tap}_tap")
        assert isinstance(tap, Tap)
        taps[tap] = value
    with replace(taps):
        if GATE not in own:
            return path.fuse(x)
        agm = path.agm
        assert isinstance(agm, AdaptiveGating)
        return agm.output(path.sdm(x), path.mtam(x), own[GATE])


def _active(
    network: MAAGN, index: int, x: Float[Tensor, "n t c h w"], taps: Mapping[str, Tensor]
) -> dict[str, Bool[Tensor, "n _u"]]:
    """Which hidden units of the masks' MLPs are above zero anywhere, for each clip."""
    path = network.paths[index]
    assert isinstance(path, PathBlock)
    found = {}
    if hasattr(path, "sdm"):
        sdm = path.sdm
        assert isinstance(sdm, SpatialDifference)
        found[SDM.key] = _any(sdm.squeeze(taps[f"paths.{index}.sdm.change"]))
    if hasattr(path, "mtam"):
        mtam = path.mtam
        assert isinstance(mtam, TemporalAttention)
        seen = path.sdm(x) if path.fusion == "sdm>mtam" else x
        mask = taps[MTAM.on(index)]
        # Pooled as the network pools: over what its masks have one number for.
        pooled = [axis for axis in (2, 3, 4) if mask.shape[axis] == 1]
        ways = []
        if mtam.angles != ("avg",):
            ways.append(seen.amax(dim=pooled, keepdim=True))
        if mtam.angles != ("max",):
            ways.append(seen.mean(dim=pooled, keepdim=True))
        found[MTAM.key] = torch.stack([_any(_first(mtam)(way)) for way in ways]).any(dim=0)
    return found


def _first(mtam: TemporalAttention) -> torch.nn.Conv3d:
    layer = mtam.mlp[0]
    assert isinstance(layer, torch.nn.Conv3d)
    return layer


def _any(hidden: Float[Tensor, "n u c h w"]) -> Bool[Tensor, "n u"]:
    return (hidden > 0).flatten(2).any(dim=2)
