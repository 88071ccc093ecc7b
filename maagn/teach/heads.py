"""One linear classifier on the features that it reads: regularised logistic regression.

scikit-learn fits it on standardised features; the standardisation is folded into its weights, so
that the taught network is an ordinary one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Float64, Int64
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler

STRENGTHS = (1e-3, 1e-2, 1e-1, 1.0, 10.0)
"""C, the inverse of the penalty, from which one is chosen for every head."""
USUAL = 0.1
"""C where there are too few clips to choose by."""
FOLDS = 3
"""Of the training part, to choose by."""
_STEPS = 1000  # of the optimiser, at most


@dataclass(frozen=True, eq=False)
class Labelled:
    """What a head learns from: features with their classes.

    Attributes:
        features: a row each.
        labels: number of the class of each.
        groups: number of what each is left out with; a clip and its reversal share it.
    """

    features: Float64[np.ndarray, "m d"]
    labels: Int64[np.ndarray, " m"]
    groups: Int64[np.ndarray, " m"]

    def only(self, rows: Any) -> "Labelled":  # noqa: ANN401 - whatever indexes an array
        """Some of the rows."""
        return Labelled(self.features[rows], self.labels[rows], self.groups[rows])


@dataclass(frozen=True, eq=False)
class LinearHead:
    """Logits are `features @ weight.T + bias`.

    Attributes:
        weight: a row a class.
        bias: one a class.
        strength: C that it was fitted with.
    """

    weight: Float64[np.ndarray, "k d"]
    bias: Float64[np.ndarray, " k"]
    strength: float

    def logits(self, features: Float[np.ndarray, "m d"]) -> Float64[np.ndarray, "m k"]:
        """Of features as the network computes them."""
        return features.astype(np.float64) @ self.weight.T + self.bias


def fit(examples: Labelled, *, classes: int, strength: float) -> LinearHead:
    """Fit a head; every class counts the same, however many clips it has.

    Args:
        examples: some of every class.
        classes: number of classes.
        strength: C.

    Raises:
        ValueError: a class has no example.
    """
    if len(np.unique(examples.labels)) != classes:
        raise ValueError(f"a head of {classes} classes needs examples of each")
    scaler = StandardScaler().fit(examples.features)
    model = LogisticRegression(C=strength, max_iter=_STEPS, class_weight="balanced")
    model.fit(scaler.transform(examples.features), examples.labels)
    weight, bias = model.coef_, model.intercept_
    if classes == 2:  # scikit-learn keeps the difference of the two classes' logits
        weight = np.concatenate([-weight, weight]) / 2
        bias = np.concatenate([-bias, bias]) / 2
    folded = weight / scaler.scale_
    return LinearHead(folded, bias - folded @ scaler.mean_, strength)


def choose_strength(examples: Labelled, *, classes: int) -> float:
    """The C whose heads give left-out groups of these examples the least cross-entropy.

    Folds whose training part lacks a class are left out; without any, it is `USUAL`. Ties go to the
    stronger penalty.
    """
    rarest = min(
        len(np.unique(examples.groups[examples.labels == number])) for number in range(classes)
    )
    count = min(FOLDS, rarest)
    if count < 2:
        return USUAL
    splits = StratifiedGroupKFold(count).split(examples.features, examples.labels, examples.groups)
    folds = [
        (examples.only(learn), examples.only(test))
        for learn, test in splits
        if len(np.unique(examples.labels[learn])) == classes
    ]
    if not folds:
        return USUAL

    def loss(strength: float) -> float:
        total = 0.0
        for learn, test in folds:
            logits = fit(learn, classes=classes, strength=strength).logits(test.features)
            own = log_softmax(logits, axis=1)[np.arange(len(test.labels)), test.labels]
            total -= float(own.sum())
        return total

    return min(STRENGTHS, key=loss)


def taught_head(examples: Labelled, *, classes: int) -> LinearHead:
    """A head with the C that these very examples choose."""
    return fit(examples, classes=classes, strength=choose_strength(examples, classes=classes))
