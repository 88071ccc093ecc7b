"""One step of the tour: something is shown, something is asked, then the numbers answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.tour.lesson import Lesson

Kind = Literal["one", "several"]
Panel = Literal["clip", "networks", "masks", "gates", "paths", "evidence", "reversal"]


@dataclass(frozen=True)
class Finding:
    """What the networks' numbers say to a question.

    Attributes:
        right: the options that are true.
        words: the same in a sentence or two, with the numbers.
    """

    right: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Step:
    """A step waits for a prediction before it shows what was worked out.

    Attributes:
        title: of the step.
        text: what one has to know before.
        ask: what the learner predicts.
        kind: whether one option is chosen, or any number of them.
        options: what there is to choose.
        panel: what is shown once the learner has predicted.
        finding: what was computed of the tour's clip.
        page: name of the page where to look further.
        scored: whether there is a right answer; some questions have only another's opinion.
    """

    title: str
    text: str
    ask: str
    kind: Kind
    options: tuple[str, ...]
    panel: Panel
    finding: Callable[[Lesson], Finding]
    page: str
    scored: bool = True

    def accepts(self, said: tuple[str, ...]) -> bool:
        """Whether that is an answer to the question; of several options, none is one too."""
        known = set(said) <= set(self.options)
        return known and (self.kind == "several" or len(said) == 1)

    def right(self, said: tuple[str, ...], lesson: Lesson) -> bool:
        """Whether the learner predicted what was computed, in any order."""
        return set(said) == set(self.finding(lesson).right)
