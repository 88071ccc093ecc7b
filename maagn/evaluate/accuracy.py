"""How often a model is right on held-out rendered clips, and what reversing a clip does to it."""

from dataclasses import asdict, dataclass
from typing import Any

from maagn.evaluate.answers import Answers, opposite_numbers
from maagn.evaluate.calibration import calibration_error
from maagn.evaluate.intervals import Share, share


@dataclass(frozen=True)
class Accuracy:
    """What was counted on one split.

    Attributes:
        model: name of the model.
        split: which clips.
        clips: how many.
        top1: part whose most probable class is the true one.
        top5: part whose true class is among the five most probable.
        within_pair: part whose true class is more probable than its opposite; 0.5 is a coin.
        opposite_confusion: part answered with the opposite of the true class.
        reversal_flips: of the clips answered right, the part whose answer becomes the opposite
            class when the same sampled frames are shown in reverse.
        calibration_error: expected distance of confidence from accuracy, in [0, 1].
    """

    model: str
    split: str
    clips: int
    top1: Share
    top5: Share
    within_pair: Share
    opposite_confusion: Share
    reversal_flips: Share
    calibration_error: float

    def as_dict(self) -> dict[str, Any]:
        """JSON-able form."""
        return asdict(self)


def count(answers: Answers) -> Accuracy:
    """The figures of one model's answers; every pair of the benchmark is an exact reversal."""
    truth, opposite = answers.truth, opposite_numbers()[answers.truth]
    right = answers.answer == truth
    return Accuracy(
        model=answers.model,
        split=answers.split,
        clips=len(answers),
        top1=share(right),
        top5=share((answers.top5 == truth[:, None]).any(axis=1)),
        within_pair=share(answers.preferred),
        opposite_confusion=share(answers.answer == opposite),
        reversal_flips=share((answers.reversed_answer == opposite)[right]),
        calibration_error=calibration_error(answers.logits, truth),
    )
