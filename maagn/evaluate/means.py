"""What masks and gates are like over a whole split, class by class."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from maagn.evaluate.answers import Answers
from maagn.evaluate.results import ResultsError


@dataclass(frozen=True, eq=False)
class ClassMeans:
    """Means over the clips of each class, on one path.

    Attributes:
        clips: of each class.
        sdm: SDM's mask, in (0, 1), a frame.
        mtam: the sum of MTAM's masks, in (0, 3), a frame.
        gate: mean magnitude of the gate's output.
        gate_spread: its standard deviation over the class's clips.
    """

    clips: int
    sdm: Float[np.ndarray, "k t"]
    mtam: Float[np.ndarray, "k t"]
    gate: Float[np.ndarray, " k"]
    gate_spread: Float[np.ndarray, " k"]


def class_means(answers: Answers, path: int) -> ClassMeans:
    """Means of one path.

    Raises:
        ResultsError: the network has no masks and gates, or no such path.
    """
    if answers.sdm is None or answers.mtam is None or answers.gate is None:
        raise ResultsError(f"{answers.model} has no masks and gates: choose a MAAGN.")
    if not 0 <= path < len(answers.path_frames):
        raise ResultsError(f"{answers.model} has {len(answers.path_frames)} paths.")
    start = sum(answers.path_frames[:path])
    columns = slice(start, start + answers.path_frames[path])
    classes = range(answers.logits.shape[1])
    of = [answers.truth == number for number in classes]
    return ClassMeans(
        clips=len(answers),
        sdm=np.stack([answers.sdm[rows, columns].mean(axis=0) for rows in of]),
        mtam=np.stack([answers.mtam[rows, columns].mean(axis=0) for rows in of]),
        gate=np.array([answers.gate[rows, path].mean() for rows in of]),
        gate_spread=np.array([answers.gate[rows, path].std() for rows in of]),
    )
