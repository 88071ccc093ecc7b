"""Statistics of masks and gates over clips: where their variance comes from, what they cost."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from maagn.evaluate.compare import McNemar, mcnemar
from maagn.evaluate.intervals import Estimate, paired_bootstrap, paired_difference
from maagn.explain.attention import GATE

BOUND = 0.01
"""How near to a bound a mask is saturated."""

_DECIMALS = 4  # of a channel's average: a file holds thousands of them


@dataclass(frozen=True)
class Variance:
    """Nested sums of squares of a mask's values; the first three add up to the total.

    A place is a frame, or a frame and channel where masks have channels. By chance alone, of k
    classes with n clips, class has (k - 1) / (n - 1) of what place leaves.

    Attributes:
        place: of the places' means about the mean of all.
        label: of the means of each class at each place, about the place's mean.
        clip: of the clips' values about the mean of their class at the place.
        total: of all values about their mean.
        deviation: standard deviation over clips, at a place.
    """

    place: float
    label: float
    clip: float
    total: float
    deviation: float

    @property
    def shares(self) -> tuple[float, float, float]:
        """Parts of the total that place, class given place, and clip explain; they sum to 1.

        Of a mask that is one and the same number everywhere, all is place's.
        """
        if not self.total:
            return 1.0, 0.0, 0.0
        return self.place / self.total, self.label / self.total, self.clip / self.total


def variance(values: Float[np.ndarray, "n places"], labels: Int[np.ndarray, " n"]) -> Variance:
    """Where the variance of some values comes from.

    Args:
        values: a row a clip.
        labels: class of each clip.
    """
    numbers = values.astype(np.float64)
    count, places = numbers.shape
    means = numbers.mean(axis=0)
    by_label = np.empty_like(numbers)
    for label in np.unique(labels):
        rows = labels == label
        by_label[rows] = numbers[rows].mean(axis=0)
    within = float(np.square(numbers - means).sum())
    return Variance(
        place=float(count * np.square(means - means.mean()).sum()),
        label=float(np.square(by_label - means).sum()),
        clip=float(np.square(numbers - by_label).sum()),
        total=float(np.square(numbers - numbers.mean()).sum()),
        deviation=float(np.sqrt(within / (count * places))),
    )


@dataclass(frozen=True)
class Band:
    """A mask over all clips, a number a frame; of masks with channels, of their mean over them.

    Attributes:
        mean: over clips.
        low: 5th percentile.
        high: 95th percentile.
        by_channel: mean over clips of every channel, a row a frame, to four decimals; empty where
            a mask has one number a frame, whose mean is `mean`.
    """

    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    by_channel: tuple[tuple[float, ...], ...]


def band(values: Float[np.ndarray, "n places"], *, frames: int) -> Band:
    """What is drawn behind a clip's line, and what its channels are compared with.

    Args:
        values: a row a clip, frame by frame, and channel by channel where a frame has several.
        frames: of the path.
    """
    numbers = values.astype(np.float64).reshape(len(values), frames, -1)
    by_frame = numbers.mean(axis=2)
    low, high = np.quantile(by_frame, [0.05, 0.95], axis=0)
    rows = numbers.mean(axis=0).round(_DECIMALS).tolist() if numbers.shape[2] > 1 else ()
    return Band(
        mean=tuple(by_frame.mean(axis=0).tolist()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        by_channel=tuple(map(tuple, rows)),
    )


@dataclass(frozen=True)
class Alive:
    """Whether a mask or gate can change at all; None for what it does not have.

    Attributes:
        hidden: units in the hidden layer of the mask's MLP; MTAM's masks share one.
        awake: share of clips for which each of them is above zero anywhere.
        dead_units: those that are zero for every clip, by number.
        at_bound: share of the mask's places within 0.01 of one of its bounds for every clip.
        alpha: mean magnitude of the gate's parameter of Eq. 14.
        one_hot: share of places at which the softmax of Eq. 15 is over 0.99, mean over clips.
    """

    hidden: int | None = None
    awake: tuple[float, ...] = ()
    dead_units: tuple[int, ...] = ()
    at_bound: float | None = None
    alpha: float | None = None
    one_hot: float | None = None


@dataclass(frozen=True)
class Cost:
    """A share of clips, live and with something replaced.

    Attributes:
        before: share, live, in [0, 1].
        after: share with the replacement.
        points: before minus after in percentage points, with its 95 % interval (`cost`).
        test: exact McNemar; `first` counts clips that are right live alone.
    """

    before: float
    after: float
    points: Estimate
    test: McNemar


def cost(live: Bool[np.ndarray, " n"], replaced: Bool[np.ndarray, " n"]) -> Cost:
    """What a replacement costs.

    The interval is a paired bootstrap over clips, 2,000 draws, and where that one is narrower,
    Newcombe's: resampled clips of which none changes would give an interval of no width, however
    few there are.
    """
    drawn, score = paired_bootstrap(live, replaced), paired_difference(live, replaced)
    return Cost(
        before=float(live.mean()),
        after=float(replaced.mean()),
        points=Estimate(
            100 * drawn.value,
            100 * min(drawn.low, score.low),
            100 * max(drawn.high, score.high),
        ),
        test=mcnemar(live, replaced),
    )


def dead_reason(alive: Alive) -> str:
    """Why no clip can change a mask or gate; empty where one can."""
    if alive.alpha == 0:
        return "alpha is zero on every frame, so that the gate adds nothing"
    if alive.hidden and len(alive.dead_units) == alive.hidden:
        return f"all {alive.hidden} hidden units of its MLP are zero for every clip"
    if alive.at_bound == 1:
        return f"it is within {BOUND} of a bound for every clip"
    return ""


def at_bound(values: Float[np.ndarray, "n places"], bounds: tuple[float, float]) -> float:
    """Share of places within 0.01 of one and the same bound for every clip."""
    low, high = bounds
    stuck = (values <= low + BOUND).all(axis=0) | (values >= high - BOUND).all(axis=0)
    return float(stuck.mean())


def together(variances: Mapping[str, list[Variance]]) -> Variance | None:
    """The sums of squares of several masks or of several gates; None of both at once.

    Args:
        variances: by the quantity's key.
    """
    if GATE.key in variances and len(variances) > 1:
        return None
    flat = [one for each in variances.values() for one in each]
    return Variance(
        place=sum(one.place for one in flat),
        label=sum(one.label for one in flat),
        clip=sum(one.clip for one in flat),
        total=sum(one.total for one in flat),
        deviation=float(np.sqrt(np.mean([one.deviation**2 for one in flat]))),
    )
