"""How many steps a training has, and the learning rate at each."""

import math

from maagn.config import TrainSpec


def steps_an_epoch(spec: TrainSpec) -> int:
    """Optimiser steps of one pass over `spec.clips` clips."""
    return math.ceil(spec.clips / spec.batch)


def steps(spec: TrainSpec) -> int:
    """Optimiser steps of the whole run."""
    return spec.epochs * steps_an_epoch(spec)


def rate(step: int, spec: TrainSpec) -> float:
    """Learning rate at a step, as a fraction of the peak."""
    total = steps(spec)
    warm = spec.warmup * total
    if step < warm:
        return (step + 1) / (warm + 1)
    if spec.milestones:
        epoch = step // steps_an_epoch(spec)
        return float(0.1 ** sum(epoch >= milestone for milestone in spec.milestones))
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / (total - warm)))
