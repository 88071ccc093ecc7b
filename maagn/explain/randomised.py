"""The same architecture with weights that have learned nothing: what a sanity check compares with.

Adebayo et al., "Sanity Checks for Saliency Maps" (2018), all layers at once.
"""

from dataclasses import replace

import torch

from maagn.checkpoint import Model
from maagn.inference import device_of
from maagn.nn.build import build

LAYERS = (
    "every layer, as before training: convolutions and classifiers drawn anew; what begins at a "
    "fixed value (normalisation, identities, the gates' alpha) back at it"
)
"""What is new in the network of `randomised`."""


def randomised(model: Model, *, seed: int = 0) -> Model:
    """The same architecture with fresh weights; the given network is not touched, nor copied.

    The gates' alpha begins at 0, as before training.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build(model.spec)
    network = network.eval().requires_grad_(False).to(device_of(model))
    name = f"{model.name}, random weights"
    return replace(model, name=name, digest=f"{model.digest}-random-{seed}", network=network)
