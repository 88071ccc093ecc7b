"""Which class is taken for which."""

import numpy as np
from jaxtyping import Int64

from maagn.evaluate.answers import Answers


def confusion(answers: Answers) -> Int64[np.ndarray, "k k"]:
    """Counts of clips: a row a true class, a column an answer."""
    classes = answers.logits.shape[1]
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (answers.truth, answers.answer), 1)
    return counts
