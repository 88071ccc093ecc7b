"""Is a map faithful: does the answer hang on what the map marks?"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float64, UInt8

from maagn.checkpoint import Model
from maagn.explain.cam import cam, since
from maagn.explain.deletion import Curves, Unit, baseline, cosine, curves, order_of, random_orders
from maagn.explain.randomised import randomised
from maagn.explain.verdict import Finding, judge, sentence
from maagn.predict import device_of, refuse_not_finite
from maagn.trace import trace
from maagn.types import Clip, Explanation, ForwardTrace
from maagn.video.transform import normalise

RANDOM = 8
"""Random orders: a map that knows nothing beats all of them in one of nine cases."""

BASELINE = "the clip itself, each frame blurred until no object keeps its shape"


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """How one map fares.

    Attributes:
        cam: the map that was tested.
        random_cam: the map of the same network with random weights.
        curves: row 0 by the map, row 1 by the map of random weights, the rest by random orders.
        unit: what is deleted at a time.
    """

    cam: Explanation
    random_cam: Explanation
    curves: Curves
    unit: Unit

    @property
    def finding(self) -> Finding:
        """The verdict on the map."""
        return self._judged(0)

    @property
    def random_finding(self) -> Finding:
        """The verdict on the map of random weights: a good method's should be no better."""
        return self._judged(1)

    @property
    def verdict(self) -> str:
        """The verdict on the map in one line."""
        deletion, insertion = self.curves.deletion_areas, self.curves.insertion_areas
        return sentence(
            float(deletion[0]),
            float(insertion[0]),
            random_deletion=deletion[2:],
            random_insertion=insertion[2:],
        )

    @property
    def alike(self) -> float:
        """Cosine similarity of the map and that of random weights; near 1 is a bad sign."""
        return cosine(self.cam.values, self.random_cam.values)

    def _judged(self, row: int) -> Finding:
        deletion, insertion = self.curves.deletion_areas, self.curves.insertion_areas
        return judge(
            float(deletion[row]),
            float(insertion[row]),
            random_deletion=deletion[2:],
            random_insertion=insertion[2:],
        )


def faithfulness(
    model: Model,
    clip: Clip,
    run: ForwardTrace,
    *,
    target: int,
    method: str,
    layer: str,
    unit: Unit = "cells",
    seed: int = 0,
) -> Faithfulness:
    """Test the map of one class: 142 clips in 9 forwards, and one run of random weights.

    Deletes in 8 steps, the strongest evidence first, by the map, by the map of random weights, and
    by 8 random orders; what is deleted becomes the blurred clip.

    Args:
        model: the network that was traced; it is only run.
        clip: the clip of the run.
        run: the trace.
        target: class whose probability is watched.
        method: of the map.
        layer: of the map.
        unit: cells of the map's grid in space and time, or whole frames of it.
        seed: of the random orders and the random weights.
    """
    own = cam(model, run, target, method=method, layer=layer)
    fresh = randomised(model, seed=seed)
    blind = cam(fresh, trace(fresh, clip, since=since(layer)), target, method=method, layer=layer)
    frames, rows, columns = own.values.shape
    grid = (frames, rows, columns) if unit == "cells" else (frames, 1, 1)
    known = [order_of(one, unit=unit, seed=seed) for one in (own, blind)]
    orders = np.stack([*known, *random_orders(RANDOM, of=int(np.prod(grid)), seed=seed)])

    def score(clips: UInt8[np.ndarray, "n t h w 3"]) -> Float64[np.ndarray, " n"]:
        data = normalise(clips, model.transform).to(device_of(model))
        with torch.inference_mode():
            logits = model.network(data).double().cpu()
        refuse_not_finite(model, logits.numpy())
        return logits.softmax(dim=1)[:, target].numpy()

    gaps = np.abs(own.seconds[None, :] - run.clip.seconds[:, None])
    pictures = run.clip.pictures
    found = curves(
        score,
        pictures,
        baseline(pictures),
        orders,
        grid=grid,
        frame_of=gaps.argmin(axis=1),
    )
    return Faithfulness(own, blind, found, unit)
