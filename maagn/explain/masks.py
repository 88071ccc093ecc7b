"""When does the network look? SDM's and MTAM's masks, one number a frame and path."""

from maagn.checkpoint import Model
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
