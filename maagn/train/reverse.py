"""Clips played backwards, with the class that they then show."""

import numpy as np
from jaxtyping import UInt8

from maagn.labels import ClassRelations

Item = tuple[UInt8[np.ndarray, "t h w 3"], int]


def reversed_classes(
    labels: tuple[str, ...], relations: ClassRelations | None = None
) -> tuple[int | None, ...]:
    """The class that each class shows when played backwards; None where none of them does.

    Pairs that are proposed from the words of their names do not count: they would label clips.

    Args:
        labels: class names in the order of their numbers.
        relations: of these classes; None for what is known without a person's help.
    """
    relations = relations or ClassRelations.of(labels)
    number = {label: i for i, label in enumerate(labels)}
    return tuple(number.get(relations.reversal_of(label) or "") for label in labels)


def in_reverse(items: list[Item], classes: tuple[int | None, ...]) -> list[Item]:
    """Those of the clips that have an opposite, backwards, with that class.

    Shown in one batch with the clips themselves, they leave a network nothing but the order of
    frames to lower the loss by: the pictures are the same.
    """
    backwards = ((frames, classes[label]) for frames, label in items)
    return [
        (np.ascontiguousarray(frames[::-1]), label)
        for frames, label in backwards
        if label is not None
    ]
