"""The network with weights that learned nothing: a map that stays the same shows no learning.

The test is that of Adebayo et al., "Sanity Checks for Saliency Maps", 2018, with all layers at
once.
"""

from dataclasses import replace

import torch

from maagn.checkpoint import Model
from maagn.nn.build import build
from maagn.predict import device_of

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
