"""Whether a network only answers, so that its faster twin may stand for the plain one."""

import torch
from torch import nn


def frozen(module: nn.Module) -> bool:
    """Whether nobody can ask for the gradient of one of the module's parameters.

    Gradients of features may still be wanted: the fast twins are differentiable in their input.
    Under autocast the plain form runs, since there is nothing to be gained but another rounding.
    """
    if torch.is_autocast_enabled("cpu") or torch.is_autocast_enabled("cuda"):
        return False
    return not (torch.is_grad_enabled() and any(p.requires_grad for p in module.parameters()))
