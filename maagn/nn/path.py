"""One path: SDM and MTAM side by side on a level, and how they are fused (Fig. 1, Table 3)."""

from jaxtyping import Float
from torch import Tensor, nn

from maagn.config import ModelSpec
from maagn.nn.agm import AdaptiveGating
from maagn.nn.frozen import frozen
from maagn.nn.mtam import TemporalAttention
from maagn.nn.sdm import SpatialDifference
from maagn.nn.tap import Tap

_FUSIONS = ("none", "sdm", "mtam", "sdm>mtam", "mtam>sdm", "sum", "agm")


class Path(nn.Module):
    """SDM, MTAM and their fusion on one level's frames.

    Args:
        frames: number of frames T on this path.
        spec: names the fusion (Table 3) and the variants of both modules (Tables 4 and 5).

    Raises:
        ValueError: an unknown fusion.
    """

    def __init__(self, frames: int, spec: ModelSpec) -> None:
        super().__init__()
        if spec.fusion not in _FUSIONS:
            raise ValueError(f"a path fuses by {', '.join(_FUSIONS)}, got {spec.fusion}")
        self.fusion = spec.fusion
        size = {"reduction": spec.reduction, "min_hidden": spec.min_hidden}
        if spec.fusion not in ("none", "mtam"):
            self.sdm = SpatialDifference(frames, combine=spec.sdm_combine, **size)
        if spec.fusion not in ("none", "sdm"):
            self.mtam = TemporalAttention(frames, masks=spec.mtam_masks, **size)
        if spec.fusion == "agm":
            self.agm = AdaptiveGating(frames)
        self.input_tap = Tap()
        self.output_tap = Tap()

    def fuse(self, x: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n t c h w"]:
        """The row of Table 3 that this path was built for."""
        match self.fusion:
            case "sdm":
                return self.sdm(x)
            case "mtam":
                return self.mtam(x)
            case "sdm>mtam":
                return self.mtam(self.sdm(x))
            case "mtam>sdm":
                return self.sdm(self.mtam(x))
            case "sum":
                return self.sdm(x) + self.mtam(x)
            case "agm" if self.fuses():
                return self.agm.fused(
                    x,
                    spatial=1 + self.sdm.mask_tap(self.sdm.mask(x)),
                    temporal=1 + self.mtam.total(x),
                )
            case "agm":
                return self.agm(self.sdm(x), self.mtam(x))
            case _:
                return x

    def fuses(self) -> bool:
        """Whether both streams are the feature, scaled, so that AGM's fast twin may be used."""
        return self.sdm.combine == "residual" and frozen(self)

    def forward(self, x: Float[Tensor, "n t c h w"]) -> Float[Tensor, "n t c h w"]:
        """The path's feature, same shape as its input."""
        return self.output_tap(self.fuse(self.input_tap(x)))
